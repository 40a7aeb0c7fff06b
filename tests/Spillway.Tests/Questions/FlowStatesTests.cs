using Spillway.Net.Flows;
using Spillway.Questions;

namespace Spillway.Tests.Questions;

public sealed class FlowsQuestionTests
{
    private const FlowState Open = FlowState.Init | FlowState.SeenSyn | FlowState.SeenSynAck | FlowState.SeenSynAckAck;

    [Theory]
    [InlineData(Open | FlowState.SeenFin, "closed")]
    [InlineData(Open | FlowState.SeenFin | FlowState.TimedOut, "half-closed")]
    [InlineData(Open | FlowState.SeenFin | FlowState.Terminated, "half-closed")]
    [InlineData(Open | FlowState.SeenFin | FlowState.SeenRst, "reset")]
    [InlineData(Open | FlowState.TimedOut, "timed out")]
    [InlineData(Open | FlowState.Terminated, "open")]
    [InlineData(FlowState.Init | FlowState.SeenSyn | FlowState.SeenSynAck | FlowState.Terminated, "syn-ack")]
    [InlineData(FlowState.Init | FlowState.SeenSyn | FlowState.Terminated, "syn")]
    [InlineData(FlowState.Init | FlowState.Terminated, "")]
    public void State_SaysHowAConnectionEnded(FlowState state, string text) => Assert.Equal(text, FlowsQuestion.StateOf(state));
}
