using Spillway.Async;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Vm;

/// <content>The callbacks of filex_monitor that know HTTP.</content>
internal sealed unsafe partial class ScriptInstance
{
    /// <summary>filex_monitor.filter for a request's or response's header: false only if it voted no.</summary>
    public bool OnHttpFilter(ScriptTransaction transaction, bool isRequest)
    {
        if (!Has(ScriptCallback.Filter))
            return true;
        SetFlow(transaction.Flow);
        Call->Result = 1;
        Call->Flag = isRequest ? 1 : 0;
        return !InvokeWithHeaders(ScriptCallback.Filter, transaction) || Call->Result != 0;
    }

    /// <summary>filex_monitor.onpayload_http; empty data marks the end of the content.</summary>
    public void OnHttpPayload(
        ScriptTransaction transaction,
        StreamDirection direction,
        ReadOnlySpan<byte> path,
        long offset,
        ReadOnlySpan<byte> data
    )
    {
        SetFlow(transaction.Flow);
        Call->Direction = (int)direction;
        Call->Position = offset;
        fixed (byte* pathBytes = path)
        fixed (byte* bytes = data)
        {
            Call->Text = new NativeBytes { Data = pathBytes, Length = path.Length };
            Call->Data = new NativeBytes { Data = bytes, Length = data.Length };
            InvokeWithHeaders(ScriptCallback.OnPayloadHttp, transaction);
        }
    }

    /// <summary>
    /// filex_monitor.onfile_http. Tasks that the script submits meanwhile keep the file in place by the lease, until their results are
    /// delivered.
    /// </summary>
    public void OnHttpFile(ScriptTransaction transaction, ReadOnlySpan<byte> path, long length, bool isChunk, ITaskLease lease)
    {
        SetFlow(transaction.Flow);
        Call->Length = length;
        Call->Flag = isChunk ? 1 : 0;
        if (_client is { } client)
            client.CurrentLease = lease;
        fixed (byte* pathBytes = path)
        {
            Call->Text = new NativeBytes { Data = pathBytes, Length = path.Length };
            InvokeWithHeaders(ScriptCallback.OnFileHttp, transaction);
        }

        if (_client is not null)
            _client.CurrentLease = null;
    }

    /// <summary>filex_monitor.onfile. The lease is as for onfile_http.</summary>
    public void OnFile(Flow flow, ReadOnlySpan<byte> path, long length, bool isChunk, ReadOnlySpan<byte> facts, ITaskLease lease)
    {
        SetFlow(flow);
        Call->Length = length;
        Call->Flag = isChunk ? 1 : 0;
        if (_client is { } client)
            client.CurrentLease = lease;
        fixed (byte* pathBytes = path)
        fixed (byte* factBytes = facts)
        {
            Call->Text = new NativeBytes { Data = pathBytes, Length = path.Length };
            Call->Data = new NativeBytes { Data = factBytes, Length = facts.Length };
            Invoke(ScriptCallback.OnFile);
        }

        if (_client is not null)
            _client.CurrentLease = null;
    }

    // Header blocks are managed arrays: they stay in place while Lua may read them.
    private bool InvokeWithHeaders(ScriptCallback callback, ScriptTransaction transaction)
    {
        HttpHeader? request = transaction.Http.Request;
        HttpHeader? response = transaction.Http.Response;
        fixed (byte* requestBytes = request is null ? default : request.Raw)
        fixed (byte* responseBytes = response is null ? default : response.Raw)
        {
            Call->Request = View(request, transaction.RequestId, requestBytes);
            Call->Response = View(response, transaction.ResponseId, responseBytes);
            return Invoke(callback);
        }
    }

    private static HeaderView View(HttpHeader? header, long id, byte* raw) =>
        header is null
            ? default
            : new HeaderView
            {
                Id = id,
                Raw = new NativeBytes { Data = raw, Length = header.Raw.Length },
                Status = header.Status,
                IsRequest = header.IsRequest ? 1 : 0,
            };
}
