using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Spillway.Async.Commands;
using Spillway.Async.Rings;
using Spillway.LuaJit;
using Spillway.Scripting.Blocks;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Vm;

/// <summary>
/// A Lua state that runs code of one plugin: on a lane (<see cref="ScriptInstance"/>) or on a worker (<see cref="WorkerScript"/>).
/// Belongs to one thread. Host functions find it again by its number.
/// </summary>
internal abstract unsafe class ScriptMachine : IDisposable
{
    private const int MaxMachines = 1 << 16;

    private static readonly Lock Gate = new();
    private static ScriptMachine?[] _machines = new ScriptMachine?[64];

    // All Lua that is embedded: our parts, and the helpers that scripts may require.
    private static readonly string[] Parts =
    [
        .. typeof(ScriptMachine).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".lua", StringComparison.Ordinal)),
    ];

    private readonly LuaFunction _control;

    /// <summary>Creates the state and starts our side of it; the script itself is not loaded yet.</summary>
    protected ScriptMachine(
        ScriptPlugin plugin,
        ScriptEnvironment environment,
        IScriptOutput output,
        string role,
        string instanceId,
        bool canBeInterrupted = false,
        string groups = ""
    )
    {
        Plugin = plugin;
        Environment = environment;
        Output = output;
        Notes = new CrashNotes(plugin.Path);
        Number = Register(this);
        Call = (VmCall*)NativeMemory.AllocZeroed((nuint)sizeof(VmCall));
        Call->Vm = Number;
        State = new LuaState();
        if (canBeInterrupted)
            State.EnableInterrupt();
        _control = Boot(role, instanceId, groups);
        State.LimitMemory(environment.Limits.MemoryBytes);
    }

    /// <summary>The plugin whose code runs here.</summary>
    public ScriptPlugin Plugin { get; }

    /// <summary>The script's name in logs: its file name.</summary>
    public string Name => Plugin.Name;

    /// <summary>What scripts are told about the probe.</summary>
    public ScriptEnvironment Environment { get; }

    /// <summary>Where the script's words go.</summary>
    public IScriptOutput Output { get; }

    /// <summary>The Lua state.</summary>
    public LuaState State { get; }

    /// <summary>Commands that the state's code has started.</summary>
    public CommandTable Commands { get; } = new();

    /// <summary>What its calls are called if native code crashes in them.</summary>
    protected CrashNotes Notes { get; }

    /// <summary>The number by which host functions find this object.</summary>
    public int Number { get; }

    /// <summary>The struct of arguments that Lua reads.</summary>
    protected VmCall* Call { get; }

    /// <summary>Adds an error of the script that no call has raised: it is reported as such, and counted. On the state's thread.</summary>
    public abstract void AddError(string where, string text);

    /// <summary>Finds a machine by the number that Lua passed.</summary>
    public static ScriptMachine Of(int number) => _machines[number]!;

    /// <summary>Closes the state, on the thread that owns it.</summary>
    public virtual void Dispose()
    {
        State.Dispose(); // collects files, and so lets their commands go
        Commands.Dispose();
        lock (Gate)
            _machines[Number] = null;
        NativeMemory.Free(Call);
        Notes.Dispose();
    }

    /// <summary>Calls our control function (<c>control.lua</c>) with a command; see there.</summary>
    /// <returns>False if it raised; the error is in <paramref name="text"/>.</returns>
    protected bool TryControl(string command, out string text)
    {
        if (State.TryCall(_control, Encoding.UTF8.GetBytes(command), out byte[]? result))
        {
            text = result is null ? "" : Encoding.UTF8.GetString(result);
            return true;
        }

        text = State.TakeError();
        return false;
    }

    /// <summary>The function that the last control command has left to be taken.</summary>
    protected LuaFunction TakeFunction() => State.GetGlobalFunction("spillway_taken\0"u8);

    private static int Register(ScriptMachine machine)
    {
        lock (Gate)
        {
            int number = Array.IndexOf(_machines, null);
            if (number < 0)
            {
                number = _machines.Length;
                if (number >= MaxMachines)
                    throw new LuaException($"more than {MaxMachines} Lua states");
                var larger = new ScriptMachine?[number * 2];
                _machines.CopyTo(larger, 0);
                _machines = larger;
            }

            _machines[number] = machine;
            return number;
        }
    }

    private LuaFunction Boot(string role, string instanceId, string groups)
    {
        LuaFunction put = State.Run(
            "=(spillway boot)",
            """
            spillway_boot = { sources = {}, settings = {} }
            return function(line)
              local group, name, value = line:match('^(%Z*)%z(%Z*)%z(.*)$')
              local target = group == '' and spillway_boot or spillway_boot[group]
              target[name] = (group == '' or name == 'context_id') and tonumber(value) or value
            end
            """u8
        );
        foreach (string part in Parts)
            Put("sources", part, LuaModules.Read(typeof(ScriptMachine).Assembly, part));
        Put("sources", "prototypes.lua", LuaModules.Prototypes);
        Put("sources", "transfer.lua", LuaModules.Transfer);
        PutText("", "prototype_reader", LuaModules.PrototypeReader.ToString(CultureInfo.InvariantCulture));
        PutText("", "ring_code", TaskRing.Code);
        PutText("", "host", ScriptEnvironment.HostFunctions.ToString(CultureInfo.InvariantCulture));
        PutText("", "call", ((nint)Call).ToString(CultureInfo.InvariantCulture));
        PutText("settings", "role", role);
        PutText("settings", "context_id", Number.ToString(CultureInfo.InvariantCulture));
        PutText("settings", "instance_id", instanceId);
        PutText("settings", "groups", groups);
        PutText("settings", "probe_id", Environment.ProbeId);
        PutText("settings", "version", ScriptEnvironment.ProgramVersion);
        PutText("settings", "args", Environment.Arguments);
        PutText("settings", "config_file", Environment.ConfigFile);
        PutText(
            "settings",
            "home_networks",
            string.Join(';', Environment.Home.GivenV4.Select(network => $"{network.Network} {network.Mask}"))
        );
        PutText("settings", "shell", Environment.AllowsShell ? "yes" : "no");
        PutText("settings", "package_path", Plugin.PackagePath(Environment));
        PutText("settings", "package_cpath", Plugin.PackageCPath());
        PutText("settings", "ffi_aliases", Plugin.FfiAliases(Environment));
        PutText("settings", "block_types", string.Join(';', BlockTypes.All.Select(type => string.Join(' ', [type.Name, .. type.Aliases]))));
        State.Release(put);
        return State.Run("=(spillway boot.lua)", LuaModules.Read(typeof(ScriptMachine).Assembly, "boot.lua"));

        void PutText(string group, string name, string value) => Put(group, name, Encoding.UTF8.GetBytes(value));

        void Put(string group, string name, ReadOnlySpan<byte> value)
        {
            byte[] line = [.. Encoding.UTF8.GetBytes($"{group}\0{name}\0"), .. value];
            if (!State.TryCall(put, line))
                throw new LuaException(State.TakeError());
        }
    }
}
