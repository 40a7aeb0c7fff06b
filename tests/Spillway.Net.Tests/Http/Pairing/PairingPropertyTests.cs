namespace Spillway.Net.Tests.Http.Pairing;

/// <summary>Random conversations whose captures are late, doubled and full of holes: a content never gets another one's URL.</summary>
public class PairingPropertyTests
{
    private const int Rounds = 60;

    [Theory]
    [InlineData(TalkStyle.OneByOne)]
    [InlineData(TalkStyle.Rounds)]
    [InlineData(TalkStyle.Overlapping)]
    public void Capture_Whole_PairsEveryResponse(TalkStyle style) => Run(style, 0, 0, least: 1);

    [Theory]
    [InlineData(TalkStyle.OneByOne, -100, 0.99)]
    [InlineData(TalkStyle.OneByOne, -0.5, 0.99)]
    [InlineData(TalkStyle.OneByOne, 0.5, 0.99)]
    [InlineData(TalkStyle.OneByOne, 100, 0.99)]
    [InlineData(TalkStyle.Rounds, -100, 0.99)]
    [InlineData(TalkStyle.Rounds, 3, 0.99)]
    [InlineData(TalkStyle.Rounds, 100, 0.99)]
    [InlineData(TalkStyle.Overlapping, -20, 0.99)]
    [InlineData(TalkStyle.Overlapping, 100, 0.99)]
    public void Capture_OneDirectionLate_PairsNearlyAll(TalkStyle style, double skewMs, double least) => Run(style, 0, skewMs, least);

    [Theory]
    [InlineData(TalkStyle.OneByOne, 0.002, 0.97)]
    [InlineData(TalkStyle.OneByOne, 0.01, 0.9)]
    [InlineData(TalkStyle.OneByOne, 0.3, 0)]
    [InlineData(TalkStyle.Rounds, 0.002, 0.95)]
    [InlineData(TalkStyle.Rounds, 0.01, 0.9)]
    [InlineData(TalkStyle.Rounds, 0.1, 0)]
    [InlineData(TalkStyle.Overlapping, 0.01, 0)]
    [InlineData(TalkStyle.OneByOne, 0.1, 0)]
    [InlineData(TalkStyle.OneByOne, 0.2, 0)]
    [InlineData(TalkStyle.OneByOne, 0.5, 0)]
    [InlineData(TalkStyle.Rounds, 0.2, 0)]
    [InlineData(TalkStyle.Overlapping, 0.1, 0)]
    [InlineData(TalkStyle.Overlapping, 0.2, 0)]
    public void Capture_PacketsLost_NeverPairsWrongly(TalkStyle style, double loss, double least) => Run(style, loss, 0, least);

    [Theory]
    [InlineData(TalkStyle.OneByOne, -100)]
    [InlineData(TalkStyle.OneByOne, 30)]
    [InlineData(TalkStyle.Rounds, -30)]
    [InlineData(TalkStyle.Rounds, 100)]
    public void Capture_LateAndLost_NeverPairsWrongly(TalkStyle style, double skewMs) => Run(style, 0.01, skewMs, 0.9);

    [Theory]
    [InlineData(TalkStyle.OneByOne, 0.003)]
    [InlineData(TalkStyle.OneByOne, 0.05)]
    [InlineData(TalkStyle.Rounds, 0.003)]
    [InlineData(TalkStyle.Rounds, 0.05)]
    [InlineData(TalkStyle.Overlapping, 0.003)]
    [InlineData(TalkStyle.Overlapping, 0.05)]
    public void Capture_PacketsLostInARow_NeverPairsWrongly(TalkStyle style, double loss) =>
        Run(style, loss, 0, 0, burst: 4, keepsHandshake: true);

    [Theory]
    [InlineData(TalkStyle.OneByOne)]
    [InlineData(TalkStyle.Rounds)]
    [InlineData(TalkStyle.Overlapping)]
    public void Capture_PacketsLostAndSentAgain_NeverPairsWrongly(TalkStyle style) => Run(style, 0.02, 0, 0, resent: 0.05);

    [Theory]
    [InlineData(TalkStyle.Rounds)]
    [InlineData(TalkStyle.Overlapping)]
    public void Capture_HalfOfAllLost_NeverPairsWrongly(TalkStyle style) => Run(style, 0.5, 0, 0, keepsHandshake: true);

    private static void Run(
        TalkStyle style,
        double loss,
        double skewMs,
        double least,
        int burst = 1,
        double resent = 0,
        bool keepsHandshake = false
    )
    {
        int right = 0,
            total = 0;
        for (int seed = 0; seed < Rounds; seed++)
        {
            var options = new TalkOptions
            {
                Seed = seed,
                Style = style,
                Loss = loss,
                Burst = burst,
                KeepsHandshake = keepsHandshake,
                Resent = resent,
                SkewMs = skewMs,
                Duplicates = seed % 3 == 0 ? 0.02 : 0,
                DelayMs = seed % 2 == 0 ? 0.05 : 10,
            };
            var lane = new PairingLane();
            lane.Take(Talk.Capture(options));

            Assert.True(lane.Wrong == 0, $"{options}: {lane.Wrong} wrong\n{lane.Faults}");
            Assert.Equal(0, lane.Reassembly.MemoryInUse);
            right += lane.Right;
            total += options.Requests;
        }

        Assert.True(right >= total * least, $"{right} of {total} are right");
    }
}
