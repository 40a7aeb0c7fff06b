using System.Text.Json;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Pipeline;

/// <summary>
/// Pairs questions of DNS with their answers, and records each pair. A question is recorded without an answer when none has come for
/// <see cref="LongestNs"/>, when a younger one with the same number takes its place, or at the end. Of a question that is repeated the
/// first counts, since that is how long its client waits. One for each lane, on its thread.
/// </summary>
/// <remarks>Names of the local network (multicast DNS, LLMNR) are answered by anybody or nobody: each message stands for itself.</remarks>
internal sealed class DnsTransactions(MetricShard metrics, WireTextPool texts)
{
    /// <summary>A later response is not taken for one: clients use ports and numbers again.</summary>
    public const long LongestNs = 30_000_000_000;

    /// <summary>Most questions that wait; the oldest is recorded as it is.</summary>
    public const int MaxWaiting = 65_536;

    private const int MaxAnswers = 100;

    private readonly Dictionary<(FlowKey Flow, ushort Id), Question> _waiting = [];
    private readonly Queue<Question> _byTime = new();
    private readonly WireTextBuilder _text = new();

    /// <summary>A message was seen.</summary>
    public void OnMessage(Flow flow, in DnsMessage message)
    {
        GiveUp(metrics.NowNs - LongestNs, MaxWaiting);
        if (message.Opcode != 0)
            return;
        if (IsLocal(flow))
            RecordAlone(flow, in message);
        else if (message.IsResponse)
            OnResponse(flow, in message);
        else
            OnQuery(flow, in message);
    }

    /// <summary>Records what waits: nothing will answer it.</summary>
    public void EndAll() => GiveUp(long.MaxValue, 0);

    private void OnQuery(Flow flow, in DnsMessage message)
    {
        DnsQuestions questions = message.Questions;
        if (!questions.MoveNext())
            return;
        var question = new Question((flow.Key, message.Id), New(flow, in message, questions.Current, isClientA: flow.ClientIsA));
        if (_waiting.TryGetValue(question.Key, out Question? earlier))
        {
            if (earlier.Record.Query == question.Record.Query && earlier.Record.Type == question.Record.Type)
                return; // sent again
            earlier.IsOver = true;
            metrics.AddTransaction(earlier.Record);
        }

        _waiting[question.Key] = question;
        _byTime.Enqueue(question);
    }

    private void OnResponse(Flow flow, in DnsMessage message)
    {
        DnsQuestions questions = message.Questions;
        bool hasQuestion = questions.MoveNext();
        DnsTransactionRecord? asked = null;
        if (
            _waiting.TryGetValue((flow.Key, message.Id), out Question? waiting)
            && (!hasQuestion || waiting.Record.Query == NameOf(questions))
        )
        {
            _waiting.Remove(waiting.Key);
            waiting.IsOver = true;
            asked = waiting.Record;
        }
        else if (!hasQuestion)
        {
            return;
        }

        DnsTransactionRecord record = asked ?? New(flow, in message, questions.Current, isClientA: flow.ClientIsA);
        (string answers, int count) = AnswersOf(in message);
        metrics.AddTransaction(
            record with
            {
                TookNs = asked is null ? null : Math.Max(0, metrics.NowNs - asked.TimestampNs),
                ResponseCode = DnsText.ResponseCodeName(message.ExtendedResponseCode),
                Answers = answers,
                AnswerCount = count,
            }
        );
    }

    private void RecordAlone(Flow flow, in DnsMessage message)
    {
        DnsQuestions questions = message.Questions;
        if (!message.IsResponse)
        {
            while (questions.MoveNext())
                metrics.AddTransaction(New(flow, in message, questions.Current, isClientA: flow.ClientIsA));
            return;
        }

        (string answers, int count) = AnswersOf(in message);
        foreach (DnsRecord first in message.Records)
        {
            if (first.Section != DnsSection.Answer)
                continue;
            TransactionEnds ends = TransactionEnds.Of(flow, flow.ClientIsA, texts);
            metrics.AddTransaction(
                Make(in ends, Text(first.Name), first.Type) with
                {
                    ResponseCode = DnsText.ResponseCodeName(message.ResponseCode),
                    Answers = answers,
                    AnswerCount = count,
                }
            );
            return;
        }
    }

    private DnsTransactionRecord New(Flow flow, in DnsMessage message, DnsQuestion question, bool isClientA)
    {
        TransactionEnds ends = TransactionEnds.Of(flow, isClientA, texts);
        return Make(in ends, Text(question.Name), question.Type);
    }

    private DnsTransactionRecord Make(in TransactionEnds ends, string name, ushort type) =>
        new()
        {
            TimestampNs = metrics.NowNs,
            FlowId = ends.FlowId,
            Client = ends.Client,
            Server = ends.Server,
            ServerPort = ends.ServerPort,
            Query = name,
            Type = DnsText.TypeName(type),
        };

    private (string Json, int Count) AnswersOf(in DnsMessage message)
    {
        int count = 0;
        if (message.AnswerCount == 0)
            return ("[]", 0);
        var list = new List<string>();
        foreach (DnsRecord record in message.Records)
        {
            if (record.Section != DnsSection.Answer)
                continue;
            if (++count > MaxAnswers)
                continue;
            DnsRecordText.AppendData(in record, _text.Clear());
            list.Add(texts.Decode(_text.Text, int.MaxValue));
        }

        return (JsonSerializer.Serialize(list, TransactionJson.Default.ListString), count);
    }

    private string NameOf(DnsQuestions questions) => Text(questions.Current.Name);

    private string Text(DnsName name)
    {
        if (name.IsRoot)
            return "";
        DnsText.AppendName(name, _text.Clear());
        return texts.Decode(_text.Text, int.MaxValue);
    }

    private static bool IsLocal(Flow flow) => flow.Key.PortA is 5353 or 5355 || flow.Key.PortZ is 5353 or 5355;

    private void GiveUp(long beforeNs, int most)
    {
        while (_byTime.TryPeek(out Question? oldest) && (oldest.IsOver || oldest.Record.TimestampNs < beforeNs || _byTime.Count > most))
        {
            _byTime.Dequeue();
            if (oldest.IsOver)
                continue;
            _waiting.Remove(oldest.Key);
            metrics.AddTransaction(oldest.Record);
        }
    }

    private sealed class Question((FlowKey Flow, ushort Id) key, DnsTransactionRecord record)
    {
        public (FlowKey Flow, ushort Id) Key => key;
        public DnsTransactionRecord Record => record;
        public bool IsOver { get; set; }
    }
}
