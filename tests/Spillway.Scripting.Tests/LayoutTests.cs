using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Spillway.LuaJit;
using Spillway.Net.Packets;
using Spillway.Scripting.Interop;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Tests;

/// <summary>The structs that Lua reads in place have the same shape on both sides.</summary>
public class LayoutTests
{
    private static string Ask(string expression)
    {
        using var state = new LuaState();
        state.Run("=cdef.lua", LuaModules.Read(typeof(ScriptHost).Assembly, "cdef.lua"));
        LuaFunction ask = state.Run(
            "=ask",
            Encoding.UTF8.GetBytes($"local ffi = require 'ffi' return function() return tostring({expression}) end")
        );
        Assert.True(state.TryCall(ask, [], out byte[]? result), "the expression raised");
        return Encoding.UTF8.GetString(result!);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public void Sizes_OfEveryStruct_Agree()
    {
        Assert.Equal(Number(Unsafe.SizeOf<LayerInfo>()), Ask("ffi.sizeof('sw_layer')"));
        Assert.Equal(Number(Unsafe.SizeOf<FlowKey>()), Ask("ffi.sizeof('sw_flow_key')"));
        Assert.Equal(Number(Unsafe.SizeOf<PacketInfo>()), Ask("ffi.sizeof('sw_packet')"));
        Assert.Equal(Number(Unsafe.SizeOf<NativeBytes>()), Ask("ffi.sizeof('sw_bytes')"));
        Assert.Equal(Number(Unsafe.SizeOf<HeaderView>()), Ask("ffi.sizeof('sw_header')"));
        Assert.Equal(Number(Unsafe.SizeOf<VmCall>()), Ask("ffi.sizeof('sw_call')"));
        Assert.Equal(Number(Unsafe.SizeOf<HostApi>()), Ask("ffi.sizeof('sw_host')"));
    }

    // Marshal.OffsetOf would give the offsets of a marshalled copy, where bool has four bytes: the true ones are measured.
    [Fact]
    public unsafe void PacketInfo_Offsets_Agree()
    {
        PacketInfo p = default;
        Check(
            "sw_packet",
            &p,
            new("timestamp_ns", &p.TimestampNs),
            new("layer_count", &p.LayerCount),
            new("layers", &p.Layers),
            new("key", &p.Key),
            new("kind", &p.Kind),
            new("tcp_flags", &p.TcpFlags),
            new("tcp_sequence", &p.TcpSequence),
            new("payload_offset", &p.PayloadOffset),
            new("fragment_id", &p.FragmentId),
            new("more_fragments", &p.MoreFragments),
            new("error", &p.Error),
            new("opaque", &p.Opaque),
            new("is_disregarded", &p.IsDisregarded)
        );
    }

    [Fact]
    public unsafe void VmCall_Offsets_Agree()
    {
        VmCall c = default;
        Check(
            "sw_call",
            &c,
            new("packet", &c.Packet),
            new("flow_key", &c.FlowKey),
            new("direction", &c.Direction),
            new("position", &c.Position),
            new("data", &c.Data),
            new("request", &c.Request),
            new("response", &c.Response),
            new("task", &c.Task),
            new("result_kind", &c.ResultKind),
            new("blob", &c.Blob),
            new("out", &c.Out)
        );
    }

    private static unsafe void Check(string type, void* start, params ReadOnlySpan<Field> fields)
    {
        foreach (Field field in fields)
            Assert.Equal(
                $"{field.Name} {(byte*)field.Address - (byte*)start}",
                Ask($"'{field.Name} ' .. ffi.offsetof('{type}', '{field.Name}')")
            );
    }

    private readonly unsafe struct Field(string name, void* address)
    {
        public string Name { get; } = name;

        public void* Address { get; } = address;
    }
}
