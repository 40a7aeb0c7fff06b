using Spillway.Net.Protocols.Http;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>Flow attributes that HTTP headers give (script API, section 6).</summary>
internal static class HttpAttributes
{
    /// <summary>Publishes the attributes of a header that has just been seen.</summary>
    public static void Publish(ScriptHost scripts, HttpTransaction transaction, HttpHeader header)
    {
        if (transaction.Flow.Consumer is not FlowConsumer { Scripts: { } interest })
            return;
        scripts.OnAttribute(transaction.Flow, interest, "HTTP-Header"u8, header.Raw);
        if (header.IsRequest)
        {
            PublishField("Host"u8);
            if (header.Target.Length > 0)
                scripts.OnAttribute(transaction.Flow, interest, "URI"u8, header.Target);
            PublishField("User-Agent"u8);
        }

        PublishField("Content-Type"u8);

        void PublishField(ReadOnlySpan<byte> name)
        {
            if (header.TryGetValue(name, out ReadOnlySpan<byte> value))
                scripts.OnAttribute(transaction.Flow, interest, name, value);
        }
    }
}
