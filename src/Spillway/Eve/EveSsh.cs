using System.Text.Json;
using Spillway.Net.Protocols.Ssh;

namespace Spillway.Eve;

/// <summary>The object <c>ssh</c>.</summary>
internal static class EveSsh
{
    /// <summary>Writes it.</summary>
    public static void Write(EveLine line, SshSide client, SshSide server)
    {
        line.Json.WriteStartObject("ssh"u8);
        WriteSide(line, "client"u8, client);
        WriteSide(line, "server"u8, server);
        line.Json.WriteEndObject();
    }

    private static void WriteSide(EveLine line, ReadOnlySpan<byte> name, SshSide side)
    {
        if (side.Banner.IsEmpty)
            return;
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject(name);
        line.Text("proto_version"u8, side.ProtocolVersion);
        line.Text("software_version"u8, side.Software);
        if (!side.Methods.IsEmpty)
        {
            json.WriteStartObject("hassh"u8);
            json.WriteString("hash"u8, side.Hassh);
            line.Text("string"u8, side.Methods);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
