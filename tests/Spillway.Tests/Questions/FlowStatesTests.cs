using Microsoft.Data.Sqlite;
using Spillway.Net.Flows;
using Spillway.Questions;

namespace Spillway.Tests.Questions;

public sealed class FlowStatesTests
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
    public void State_SaysHowAConnectionEnded(FlowState state, string text) => Assert.Equal(text, FlowStates.Of(state));

    [Fact]
    public void Sql_OfAnyBits_SaysTheSame()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT {FlowStates.Sql("$state")}";
        SqliteParameter parameter = command.Parameters.Add("$state", SqliteType.Integer);
        for (int state = 0; state < 0x1000; state++)
        {
            parameter.Value = state;
            Assert.Equal(FlowStates.Of((FlowState)state), (string?)command.ExecuteScalar());
        }
    }

    [Theory]
    [InlineData("timed-out", "timed out")]
    [InlineData("Timed Out", "timed out")]
    [InlineData("HALFCLOSED", "half-closed")]
    [InlineData("established", null)]
    [InlineData("", null)]
    public void Word_HoweverWritten_IsFound(string text, string? state)
    {
        Assert.Equal(state, FlowStates.TryFind(text));
        Assert.Equal(state is null, FlowStates.Complaint(text) is not null);
    }
}
