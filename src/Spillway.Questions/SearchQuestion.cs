namespace Spillway.Questions;

/// <summary>A text in what was recorded: full-text documents by their words, resources by their letters.</summary>
public static class SearchQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, string text, EventFilter filter)
    {
        Query documents = filter
            .AddTo(
                new Query(
                    """
                    SELECT d.time_ns, g.name, d.text, d.flow_id
                    FROM documents d JOIN groups g ON g.group_id = d.group_id
                    """
                ),
                store,
                scope,
                "d."
            )
            .Where("d.document_id IN (SELECT rowid FROM document_index WHERE document_index MATCH $words)", "$words", Phrase(text))
            .Then("ORDER BY d.time_ns, d.document_id")
            .Limit(scope);
        Query resources = filter
            .AddTo(
                new Query(
                    """
                    SELECT r.time_ns, g.name, r.uri || char(10) || r.label, r.flow_id
                    FROM resources r JOIN groups g ON g.group_id = r.group_id
                    """
                ),
                store,
                scope,
                "r."
            )
            .Where("(r.uri LIKE $text ESCAPE '\\' OR r.label LIKE $text ESCAPE '\\')", "$text", Query.Containing(text))
            .Then("ORDER BY r.time_ns, r.resource_id")
            .Limit(scope);
        return new Answer(
            [
                new AnswerColumn("time", "Time", ValueKind.Time),
                new AnswerColumn("group", "Group", ValueKind.Text) { MinWidth = 8, Spare = 2 },
                new AnswerColumn("excerpt", "Found", ValueKind.Text)
                {
                    MinWidth = 24,
                    KeepsEnd = false,
                    Place = ColumnPlace.Table,
                },
                new AnswerColumn("text", "Text", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("flow", "Flow", ValueKind.Text) { MinWidth = 49, Spare = 1 },
                new AnswerColumn("flow_id", "Flow id", ValueKind.Text) { Place = ColumnPlace.Data },
            ],
            InOrder(Read(store, documents, text), Read(store, resources, text))
        )
        {
            Title = $"'{text}'",
            Limit = scope.Limit,
            WhenEmpty = () =>
                $"'{text}' is in nothing that was recorded; {scope.TellRange()}; more is recorded by 'spillway run "
                + "--documents all --resources all'",
        };
    }

    // The words in a row, as they stand; the last one may go on. Quotes make every other character a separator of words and no operator.
    private static string Phrase(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\" *";

    private static IEnumerable<object?[]> Read(QuestionStore store, Query query, string text) =>
        store.Read(
            query,
            row =>
                new object?[]
                {
                    row.Number(0),
                    row.Text(1),
                    TextExcerpt.Around(row.Text(2), text),
                    row.Text(2),
                    KeyText.ReadableFlow(row.TextOrNull(3)),
                    row.TextOrNull(3),
                }
        );

    // Two lists in the order of time as one.
    private static IEnumerable<object?[]> InOrder(IEnumerable<object?[]> one, IEnumerable<object?[]> other)
    {
        using IEnumerator<object?[]> left = one.GetEnumerator(),
            right = other.GetEnumerator();
        bool hasLeft = left.MoveNext(),
            hasRight = right.MoveNext();
        while (hasLeft || hasRight)
        {
            bool takesLeft = hasLeft && (!hasRight || (long)left.Current[0]! <= (long)right.Current[0]!);
            yield return takesLeft ? left.Current : right.Current;
            if (takesLeft)
                hasLeft = left.MoveNext();
            else
                hasRight = right.MoveNext();
        }
    }
}
