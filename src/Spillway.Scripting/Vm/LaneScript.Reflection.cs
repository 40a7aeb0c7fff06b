namespace Spillway.Scripting.Vm;

/// <content>Questions of authors' tools; see <c>reflect.lua</c>.</content>
internal sealed partial class LaneScript
{
    /// <summary>What the script's tables hold, as records of path, type and text.</summary>
    public bool TryReadShape(out string shape) => TryControl("shape", out shape);

    /// <summary>The members of all objects that scripts see: lines of object, member and type.</summary>
    public bool TryReadApi(out string members) => TryControl("api", out members);
}
