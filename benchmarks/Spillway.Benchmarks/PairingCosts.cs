using Spillway.Net.Tests.Http.Pairing;

namespace Spillway.Benchmarks;

/// <summary>How many responses get the right URL, a wrong one or none when packets are missing or one direction is captured late.</summary>
internal static class PairingCosts
{
    private static readonly double[] Losses = [0, 0.002, 0.01, 0.05, 0.2];
    private static readonly double[] Skews = [0, 0.5, -0.5, 20, -20, 100, -100];

    public static void Print(int responses)
    {
        Console.WriteLine("requests      loss    skew ms     right   wrong   open   not seen");
        foreach (TalkStyle style in Enum.GetValues<TalkStyle>())
        {
            foreach (double loss in Losses)
                Print(style, loss, 0, responses);
            foreach (double skew in Skews[1..])
                Print(style, 0, skew, responses);
            foreach (double skew in Skews[1..])
                Print(style, 0.01, skew, responses);
        }
    }

    // Connections of 50, near and far, and one of all.
    private static void Print(TalkStyle style, double loss, double skewMs, int responses)
    {
        var lane = new PairingLane();
        int asked = 0;
        for (int seed = 0; asked < 2 * responses; seed++)
        {
            var options = new TalkOptions
            {
                Seed = seed,
                Style = style,
                Loss = loss,
                SkewMs = skewMs,
                DelayMs = seed % 2 == 0 ? 0.05 : 10,
                Requests = seed == 0 ? responses : 50,
            };
            lane.Take(Talk.Capture(options), (ushort)(10_000 + seed));
            asked += options.Requests;
        }

        int missing = asked - lane.Right - lane.Wrong - lane.Open;
        Console.WriteLine(
            $"{style, -12} {loss, 5:P1} {skewMs, 10:F1} {100.0 * lane.Right / asked, 8:F2} % {lane.Wrong, 6} {lane.Open, 6} {missing, 8}"
        );
    }
}
