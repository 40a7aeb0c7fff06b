using Spillway.Net.Files;

namespace Spillway.Pipeline;

/// <content>What the lane records by itself.</content>
internal sealed partial class Lane
{
    /// <summary>Chooses what is recorded, before the scripts are attached.</summary>
    public void Record(ResourceKinds resources, DocumentKinds documents)
    {
        IProtocolListener? listener = null;
        if (resources != ResourceKinds.None) listener = _content.Resources = new BuiltInResources(_metrics, resources);
        if (documents != DocumentKinds.None) listener = _content.Documents = new BuiltInDocuments(_metrics, documents, listener);
        if (_eve is not null)
        {
            _eve.Next = listener;
            listener = _eve;
        }

        if (_traffic is not null) listener = new MeteredProtocols(_traffic.Applications, listener);
        _protocols.Listener = listener;
        if ((resources & ResourceKinds.Files) != 0) _content.TakeHashes(ContentHashes.Md5);
    }
}
