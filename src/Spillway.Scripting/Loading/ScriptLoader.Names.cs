using System.Text;
using Spillway.Scripting.Authoring;
using Spillway.Scripting.Authoring.Rules;
using Spillway.Scripting.Authoring.Syntax;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Loading;

/// <content>Misspelt names of blocks and callbacks: what is never called does not say so itself.</content>
public sealed partial class ScriptLoader
{
    private void TellMisspelt(ScriptPlugin plugin, byte[] source, LaneScript script)
    {
        if (!script.TryReadShape(out string records))
            return;
        foreach (
            ScriptFinding finding in FieldRules.CheckSpelling(PluginShape.Parse(records), LuaParser.Parse(Encoding.UTF8.GetString(source)))
        )
            _output.Problem(plugin.Name, $"{(finding.Line > 0 ? $"line {finding.Line}: " : "")}{finding.Message}; {finding.Remedy}");
    }
}
