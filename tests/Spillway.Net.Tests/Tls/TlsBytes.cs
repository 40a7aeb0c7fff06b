using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Spillway.Net.Flows;

namespace Spillway.Net.Tests.Tls;

/// <summary>Bytes of TLS as peers would send them.</summary>
internal static class TlsBytes
{
    public static byte[] Record(byte type, params byte[][] content)
    {
        byte[] body = [.. content.SelectMany(part => part)];
        return [type, 3, 3, (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    public static byte[] Message(byte type, byte[] body) => [type, .. Vector24(body)];

    public static byte[] ClientHello(string? serverName = "www.example.org", params string[] alpn)
    {
        List<byte> extensions = [];
        if (serverName is not null)
            extensions.AddRange(Extension(0, Vector16([0, .. Vector16(Encoding.Latin1.GetBytes(serverName))])));
        if (alpn.Length > 0)
            extensions.AddRange(Extension(16, Vector16([.. alpn.SelectMany(name => Vector8(Encoding.ASCII.GetBytes(name)))])));
        return Message(1, [3, 3, .. new byte[32], 0, .. Vector16([0x13, 0x01, 0xC0, 0x2F]), 1, 0, .. Vector16([.. extensions])]);
    }

    public static byte[] ServerHello(ushort cipher = 0xC02F, ushort version = 0x0303)
    {
        byte[] extensions = version > 0x0303 ? Extension(43, [(byte)(version >> 8), (byte)version]) : [];
        ushort legacy = Math.Min(version, (ushort)0x0303);
        return Message(
            2,
            [(byte)(legacy >> 8), (byte)legacy, .. new byte[32], 0, (byte)(cipher >> 8), (byte)cipher, 0, .. Vector16(extensions)]
        );
    }

    public static byte[] Certificates(params byte[][] certificates) => Message(11, Vector24([.. certificates.SelectMany(Vector24)]));

    public static byte[] ChangeCipherSpec => Record(20, [1]);

    public static byte[] ApplicationData => Record(23, new byte[64]);

    public static byte[] Extension(ushort type, byte[] data) => [(byte)(type >> 8), (byte)type, .. Vector16(data)];

    public static byte[] Vector8(byte[] data) => [(byte)data.Length, .. data];

    public static byte[] Vector16(byte[] data)
    {
        byte[] vector = new byte[2 + data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(vector, (ushort)data.Length);
        data.CopyTo(vector, 2);
        return vector;
    }

    public static byte[] Vector24(byte[] data) => [(byte)(data.Length >> 16), (byte)(data.Length >> 8), (byte)data.Length, .. data];

    /// <summary>A chain of root, intermediate and server, the server's first.</summary>
    public static IReadOnlyList<byte[]> Chain { get; } = CreateChain();

    /// <summary>The segments of a recorded connection.</summary>
    public static IReadOnlyList<(StreamDirection Direction, byte[] Data)> Captured(string name) =>
        [
            .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Tls", "Captured", name + ".txt"))
                .Where(line => !line.StartsWith('#'))
                .Select(line =>
                    (line[0] == 'C' ? StreamDirection.ClientToServer : StreamDirection.ServerToClient, Convert.FromBase64String(line[2..]))
                ),
        ];

    private static byte[][] CreateChain()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = RSA.Create(2048);
        DateTimeOffset begin = new(2024, 1, 5, 0, 0, 0, TimeSpan.Zero);
        var rootRequest = new CertificateRequest("CN=Example Root, O=Example Trust, C=US", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 root = rootRequest.CreateSelfSigned(begin, begin.AddYears(20));
        var middleRequest = new CertificateRequest("CN=Example Issuing CA 1, O=Example Trust, C=US", rootKey, HashAlgorithmName.SHA256);
        middleRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, true, 0, critical: true));
        using X509Certificate2 middle = middleRequest.Create(
            root.SubjectName,
            X509SignatureGenerator.CreateForECDsa(rootKey),
            begin,
            begin.AddYears(10),
            [1, 2, 3]
        );

        var request = new CertificateRequest(
            "CN=www.example.org, O=Example GmbH, L=Bonn, C=DE",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("www.example.org");
        names.AddDnsName("example.org");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509AuthorityInformationAccessExtension(["http://ocsp.example.org"], ["http://ca.example.org/1.crt"])
        );
        using X509Certificate2 server = request.Create(
            middle.SubjectName,
            X509SignatureGenerator.CreateForECDsa(rootKey),
            begin,
            begin.AddYears(1),
            [0x0C, 0x79, 0xA9]
        );
        return [server.RawData, middle.RawData, root.RawData];
    }
}
