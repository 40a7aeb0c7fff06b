using Spillway.Net.Files;

namespace Spillway.Pipeline;

/// <content>What the lane records by itself.</content>
internal sealed partial class PacketPath
{
    private RecordWish _recorded = new(ResourceKinds.None, DocumentKinds.None);
    private RecordWish? _recordWish;
    private IntelMatcher? _intel;

    /// <summary>
    /// Chooses what is recorded beside what is recorded already. Any thread; the lane begins with its next packet, and for protocols on TCP
    /// with flows that begin later.
    /// </summary>
    public void RecordToo(ResourceKinds resources, DocumentKinds documents) =>
        Volatile.Write(ref _recordWish, new RecordWish(resources, documents));

    /// <summary>Chooses what is recorded, before the scripts are attached.</summary>
    public void Record(ResourceKinds resources, DocumentKinds documents)
    {
        _recorded = new RecordWish(resources, documents);
        IProtocolListener? listener = null;
        if (resources != ResourceKinds.None)
            listener = _contents.Resources = new BuiltInResources(_metrics, resources);
        if (documents != DocumentKinds.None)
            listener = _content.Documents = new BuiltInDocuments(_metrics, documents, listener);
        if (_options.Transactions != TransactionKinds.None)
        {
            _content.Transactions?.EndAll();
            listener = _content.Transactions = new TransactionRecorder(_options.Transactions, _metrics, listener);
        }

        if (_options.Intel is { } intel)
            listener = _intel = _content.Intel = _contents.Intel = new IntelMatcher(intel, _metrics, listener);
        if (_eve is not null)
        {
            _eve.Next = listener;
            listener = _eve;
        }

        if (_traffic is not null)
        {
            listener = new MeteredProtocols(_traffic.Applications, listener);
            _protocols.Services.Meters = _traffic.Applications;
        }

        _protocols.Listener = listener;
        if ((resources & ResourceKinds.Files) != 0)
            _contents.TakeHashes(ContentHashes.Md5);
    }

    private void TakeRecordWish()
    {
        if (Interlocked.Exchange(ref _recordWish, null) is not { } wish)
            return;
        ResourceKinds resources = _recorded.Resources | wish.Resources;
        DocumentKinds documents = _recorded.Documents | wish.Documents;
        if (_recorded != new RecordWish(resources, documents))
            Record(resources, documents);
    }

    private sealed record RecordWish(ResourceKinds Resources, DocumentKinds Documents);
}
