using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests.Stores;

public sealed class DocumentStoreTests : IDisposable
{
    private readonly StoreFile _store = new();

    public DocumentStoreTests() =>
        StoreRun.Once(
            _store,
            shard =>
            {
                shard.AdvanceTo(Noon);
                StoreRun.AddDocument(shard, "GET /index.html HTTP/1.1\r\nHost: www.Example.org\r\nUser-Agent: probe/7.1\r\n");
                StoreRun.AddDocument(
                    shard,
                    "SHA1:2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\nNAME:/C=DE/O=M\u00fcller/CN=mail.example.org\nModulus: 00:aa:bb:cc"
                );
                StoreRun.AddDocument(shard, "RESPONSE\tID: 7\n.example.com\t\tA\tIN\nexample.com example.org example.org A IN 192.0.2.7\n");
            }
        );

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("\"www.example.org\"", "1")]
    [InlineData("\"example.org\"", "1,2,3")]
    [InlineData("EXAMPLE", "1,2,3")]
    [InlineData("2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "2")]
    [InlineData("2fd4e1c6*", "2")]
    [InlineData("\"00:aa:bb\"", "2")]
    [InlineData("muller", "2")]
    [InlineData("\"192.0.2.7\"", "3")]
    [InlineData("\"org example\"", "3")]
    [InlineData("\"mail.org\"", "")]
    [InlineData("host NOT name", "1")]
    public void Search_Words_FindsDocuments(string match, string documents)
    {
        Assert.Equal(documents, string.Join(',', _store.Ask($"SELECT rowid FROM document_index('{match}') ORDER BY rowid")));
    }

    [Fact]
    public void Search_Ranking_PutsTheDocumentThatSaysItMostFirst()
    {
        Assert.Equal("3", _store.Ask("SELECT rowid FROM document_index('\"example.org\"') ORDER BY rank")[0]);
    }

    [Fact]
    public void Search_Snippet_ShowsTheWordsInTheirText()
    {
        Assert.Equal(
            ["...probe/[7.1]"],
            _store.Ask("SELECT trim(snippet(document_index, 0, '[', ']', '...', 3), char(13) || char(10)) FROM document_index('\"7.1\"')")
        );
    }

    [Fact]
    public void Documents_AreOnceInTheFile_AndOnTheirLists()
    {
        Assert.Equal(["0"], _store.Ask("SELECT count(*) FROM sqlite_master WHERE name = 'document_index_content'"));
        Assert.Equal(["HTTP Headers"], _store.Ask("SELECT DISTINCT group_name FROM document_list"));
        Assert.Equal(["3"], _store.Ask("SELECT count(DISTINCT key) FROM documents"));
        _store.MustBeWhole();
    }

    [Fact]
    public void Documents_RemovedOrChangedByAnyone_LeaveTheIndexRight()
    {
        _store.Execute("DELETE FROM documents WHERE document_id = 1; UPDATE documents SET text = 'nothing' WHERE document_id = 3");

        Assert.Equal(["2"], _store.Ask("SELECT rowid FROM document_index('example')"));
        Assert.Equal(["3"], _store.Ask("SELECT rowid FROM document_index('nothing')"));
        _store.MustBeWhole();
    }
}
