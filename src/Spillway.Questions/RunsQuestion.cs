namespace Spillway.Questions;

/// <summary>The runs of a store, the last first.</summary>
public static class RunsQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope) =>
        new(
            [
                new AnswerColumn("run", "Run", ValueKind.Count),
                new AnswerColumn("started", "Started", ValueKind.Text),
                new AnswerColumn("finished", "Finished", ValueKind.Text) { Spare = 1 },
                new AnswerColumn("sources", "Sources", ValueKind.Lines) { MinWidth = 12 },
                new AnswerColumn("packets", "Packets", ValueKind.Count),
                new AnswerColumn("bytes", "Bytes", ValueKind.Bytes),
                new AnswerColumn("first", "First packet", ValueKind.Time) { Spare = 2 },
                new AnswerColumn("last", "Last packet", ValueKind.Time) { Spare = 3 },
                new AnswerColumn("version", "Version", ValueKind.Text) { Place = ColumnPlace.Data },
            ],
            store.Read(
                new Query(
                    """
                    SELECT run_id, started_at, finished_at, sources, packets, bytes, first_packet_ns, last_packet_ns, version FROM runs
                    ORDER BY run_id DESC
                    """
                ).Limit(scope),
                row =>
                    new object?[]
                    {
                        row.Number(0),
                        row.Text(1),
                        row.TextOrNull(2),
                        row.Text(3),
                        row.NumberOrNull(4),
                        row.NumberOrNull(5),
                        row.NumberOrNull(6),
                        row.NumberOrNull(7),
                        row.Text(8),
                    }
            )
        )
        {
            Title = "Runs",
            Limit = scope.Limit,
        };
}
