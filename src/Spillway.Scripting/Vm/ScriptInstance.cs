using Spillway.Async;
using Spillway.LuaJit;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Vm;

/// <summary>
/// One block of one script on one lane: its own Lua state, the callbacks it defines, and its end of the slow path.
/// Belongs to the lane's thread; callbacks never run at the same time.
/// </summary>
internal sealed unsafe partial class ScriptInstance : ScriptMachine, ITaskOwner
{
    private readonly LuaFunction[] _callbacks = new LuaFunction[ScriptCallbacks.Names.Length];
    private readonly ScriptErrors _errors;
    private AsyncClient? _client;
    private bool _loaded;

    /// <param name="canBeInterrupted">Whether <see cref="InterruptStep"/> reaches it; costs tight loops a little.</param>
    public ScriptInstance(
        ScriptPlugin plugin,
        ScriptEnvironment environment,
        IScriptOutput output,
        ScriptContext lane,
        bool canBeInterrupted = false
    )
        : base(
            plugin,
            environment,
            output,
            lane.Backend is null ? "lane" : "backend",
            lane.InstanceId,
            canBeInterrupted || environment.Limits.CallbackTimeout is not null,
            lane.Backend?.DescribeGroups() ?? ""
        )
    {
        Lane = lane;
        Code = new HeldCode(plugin.Code);
        _errors = new ScriptErrors(plugin.Name, output);
        if (lane.Backend is { } backend)
            Call->Item = backend.Item.View;
        CallbackWatch.Add(this);
    }

    /// <summary>The lane.</summary>
    public ScriptContext Lane { get; }

    /// <summary>The block that this state runs; empty if it only declares groups.</summary>
    public string Block { get; private set; } = "";

    /// <summary>For a simplecounter: the protocol whose presence calls it.</summary>
    public ProtocolId Protocol { get; set; }

    /// <summary>This script's bit in the masks of flows and transactions; 0 for blocks that have none.</summary>
    public ulong Bit { get; set; }

    /// <summary>Calls made, by <see cref="ScriptCallback"/>.</summary>
    public long[] CallCounts { get; } = new long[ScriptCallbacks.Names.Length];

    /// <summary>Errors raised.</summary>
    public ScriptErrors Errors => _errors;

    /// <inheritdoc/>
    public override void AddError(string where, string text) => _errors.Add(where, text);

    /// <summary>Whether the block defines a callback.</summary>
    public bool Has(ScriptCallback callback) => _callbacks[(int)callback].Exists;

    /// <summary>Runs the script's main chunk.</summary>
    /// <returns>False if it does not compile or raises; <paramref name="error"/> says why.</returns>
    public bool TryRunMain(ReadOnlySpan<byte> source, out string error)
    {
        error = "";
        if (!State.TryCompile("@" + Plugin.Path, source, out LuaFunction main, out string? syntax))
        {
            error = syntax!;
            return false;
        }

        Begin("the main chunk");
        bool ok = State.TryCall(main);
        if (!ok)
            error = State.TakeError();
        State.Release(main);
        return End(ok, ref error);
    }

    /// <summary>What the script declares, in the form of <c>control.lua</c>.</summary>
    public bool TryDescribe(out string description) => TryControl("describe", out description);

    /// <summary>Gives the script its end of the slow path. Before <see cref="TryLoad"/>, since onload may use it.</summary>
    public void Connect(AsyncPool pool)
    {
        _client = Lane.Async.CreateClient(pool, Name, this, Plugin.Identity);
        if (!TryControl("take deliver", out string error))
            throw new LuaException(error);
        _callbacks[(int)ScriptCallback.OnResult] = TakeFunction();
    }

    /// <summary>Chooses the block, runs onload, and takes the block's callbacks.</summary>
    /// <returns>False if the script does not want to run (<paramref name="error"/> is empty) or raised.</returns>
    public bool TryLoad(string block, out string error)
    {
        Block = block;
        if (block.Length > 0 && !TryControl("attach " + block, out error))
            return false;
        Call->TimestampNs = Lane.NowNs;
        _loaded = true;
        if (!TryControl("onload", out string wanted))
        {
            error = wanted;
            return false;
        }

        error = "";
        if (wanted != "true")
            return false;
        if (TryControl("message", out string listens) && listens == "true")
            _callbacks[(int)ScriptCallback.OnMessage] = TakeFunction();
        if (block.Length == 0)
            return true;
        if (!TryControl("bind " + block, out string names))
        {
            error = names;
            return false;
        }

        foreach (string name in names.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ScriptCallbacks.Find(name) is not { } callback)
                continue;
            TryControl("take " + name, out _);
            _callbacks[(int)callback] = TakeFunction();
        }

        TryControl("taken", out _);
        return true;
    }

    /// <summary>Runs onunload, if onload ran.</summary>
    public void Unload()
    {
        if (!_loaded)
            return;
        _loaded = false;
        Call->TimestampNs = Lane.NowNs;
        if (!TryControl("onunload", out string error))
            _errors.Add("onunload", error);
    }

    /// <summary>Calls a callback whose arguments are in the call struct. Views made before are dead afterwards.</summary>
    private bool Invoke(ScriptCallback callback)
    {
        LuaFunction function = _callbacks[(int)callback];
        if (!function.Exists)
            return false; // the script is disabled
        CallCounts[(int)callback]++;
        _running = (int)callback;
        CrashSlot* slot = CrashSlots.Current;
        CrashText before = slot->Script;
        slot->Script = Notes.Of(callback);
        Call->Generation++;
        bool ok = State.TryCall(function);
        Call->Generation++;
        slot->Script = before;
        if (IsInTrouble)
            EndTrouble(callback, ok ? null : State.TakeError());
        else if (!ok)
            _errors.Add(ScriptCallbacks.Names[(int)callback], State.TakeError());
        return ok;
    }

    /// <summary>simplecounter.onpacket for one layer of a packet.</summary>
    public void OnPacket(PacketInfo* packet, int layer, Flow? flow)
    {
        SetPacket(packet, layer, flow);
        Invoke(ScriptCallback.OnPacket);
        Call->Packet = null;
        if (Call->PacketPolicy != 0)
            TakePacketPolicy();
    }

    private void SetPacket(PacketInfo* packet, int layer, Flow? flow)
    {
        Call->Packet = packet;
        Call->TimestampNs = packet->TimestampNs;
        Call->Layer = layer;
        Call->FlowNumber = flow?.Number ?? 0;
    }

    /// <summary>A callback of (engine, ts, flow); the result of a filter: false only if it voted no.</summary>
    public bool OnFlow(ScriptCallback callback, Flow flow)
    {
        if (!Has(callback))
            return true;
        SetFlow(flow);
        Call->Result = 1;
        return !Invoke(callback) || Call->Result != 0;
    }

    /// <summary>A callback of (engine, ts, flow, direction, seekpos, buffer).</summary>
    public void OnStreamData(ScriptCallback callback, Flow flow, StreamDirection direction, long offset, ReadOnlySpan<byte> data)
    {
        SetFlow(flow);
        Call->Direction = (int)direction;
        Call->Position = offset;
        fixed (byte* bytes = data)
        {
            Call->Data = new NativeBytes { Data = bytes, Length = data.Length };
            Invoke(callback);
        }
    }

    /// <summary>reassembly_handler.onattribute, and flowmonitor.onflowattribute.</summary>
    public void OnAttribute(ScriptCallback callback, Flow flow, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        SetFlow(flow);
        fixed (byte* nameBytes = name)
        fixed (byte* valueBytes = value)
        {
            Call->Name = new NativeBytes { Data = nameBytes, Length = name.Length };
            Call->Data = new NativeBytes { Data = valueBytes, Length = value.Length };
            Invoke(callback);
        }
    }

    /// <summary>onmessage of the plugin, if it has one; it sees to the script's subscriptions itself.</summary>
    public void OnMessage(ReadOnlySpan<byte> id, ReadOnlySpan<byte> text)
    {
        if (!Has(ScriptCallback.OnMessage))
            return;
        Call->TimestampNs = Lane.NowNs;
        fixed (byte* idBytes = id)
        fixed (byte* textBytes = text)
        {
            Call->Name = new NativeBytes { Data = idBytes, Length = id.Length };
            Call->Text = new NativeBytes { Data = textBytes, Length = text.Length };
            Invoke(ScriptCallback.OnMessage);
        }
    }

    /// <summary>Ends this script's interest in a flow (<c>engine:disable_reassembly</c>).</summary>
    public void DisableReassembly(ReadOnlySpan<byte> flowId)
    {
        if (Lane.FlowOf(flowId) is not { Consumer: IScriptedFlow { Scripts: { } state } owner } flow)
            return;
        if (Block == "filex_monitor")
            state.FileExtraction &= ~Bit;
        else
            state.Reassembly &= ~Bit;
        owner.OnInterestLost(flow);
    }

    private void SetFlow(Flow flow)
    {
        Call->TimestampNs = Lane.NowNs;
        Call->FlowNumber = flow.Number;
        Call->FlowKey = flow.Key;
    }

    /// <summary>What the script's tables hold, as records of path, type and text.</summary>
    public bool TryReadShape(out string shape) => TryControl("shape", out shape);

    /// <summary>The members of all objects that scripts see: lines of object, member and type.</summary>
    public bool TryReadApi(out string members) => TryControl("api", out members);

    /// <summary>packet_storage.filter. A script that raises has no opinion.</summary>
    public StoragePolicy OnStorageFilter(Flow flow)
    {
        SetFlow(flow);
        return Invoke(ScriptCallback.Filter) ? StoragePolicies.FromVote(Call->Result) : StoragePolicy.NoOpinion;
    }

    // packet:set_packetstore_policy. Of several scripts' wishes the most liberal counts, as among votes.
    private void TakePacketPolicy()
    {
        Lane.PacketPolicy = StoragePolicies.MoreLiberal(Lane.PacketPolicy, StoragePolicies.FromVote(Call->PacketPolicy - 1));
        Call->PacketPolicy = 0;
    }

    /// <summary>packet_storage.filter_payload. A script that raises has no opinion.</summary>
    public StoragePolicy OnStoragePayload(Flow flow, StreamDirection direction, long offset, ReadOnlySpan<byte> data)
    {
        Call->Result = (int)StoragePolicy.NoOpinion; // what stays if it raises
        OnStreamData(ScriptCallback.FilterPayload, flow, direction, offset, data);
        return StoragePolicies.FromVote(Call->Result);
    }
}
