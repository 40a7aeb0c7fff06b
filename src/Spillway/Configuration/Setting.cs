namespace Spillway.Configuration;

/// <summary>A value of an option, and who gives it.</summary>
/// <param name="Entry">The option.</param>
/// <param name="Values">Its value, or its list of values.</param>
/// <param name="Origin">Where it stands: <c>spillway.yaml:12</c>, or the name of a variable.</param>
internal sealed record Setting(OptionEntry Entry, IReadOnlyList<string> Values, string Origin)
{
    /// <summary>Its name with its section.</summary>
    public string Name => $"{Entry.Section}.{Entry.Key}";

    /// <summary>The arguments that mean the same.</summary>
    public IEnumerable<string> Arguments => Entry.ToArguments(Values);
}
