namespace Spillway.Questions;

/// <summary>Several answers about one thing, to be read from top to bottom.</summary>
/// <param name="Title">What it is about.</param>
/// <param name="Facts">What there is once, by name: string, long, double or null.</param>
/// <param name="Parts">The answers by their names in JSON. Those without rows are left out of the text.</param>
public sealed record Story(string Title, IReadOnlyList<(AnswerColumn Column, object? Value)> Facts, IReadOnlyList<StoryPart> Parts)
{
    /// <summary>What a person is told if there is nothing to tell; null if there is.</summary>
    public string? WhenEmpty { get; init; }
}

/// <summary>A chapter.</summary>
/// <param name="Name">Its name in JSON: lower case, words joined by underscores.</param>
/// <param name="Answer">The answer.</param>
public sealed record StoryPart(string Name, Answer Answer);
