using System.Text;
using Spillway.Net.Files;

namespace Spillway.Net.Tests.Files;

public class FileNameTests
{
    [Theory]
    [InlineData("www.example.com", "/a/b/logo.png", "www.example.com_logo_r4n-0-7-3.png")]
    [InlineData("www.example.com", "/a/b/logo.png?x=../../etc/passwd#y", "www.example.com_logo_r4n-0-7-3.png")]
    [InlineData("www.example.com:8080", "/", "www.example.com_8080_index_r4n-0-7-3")]
    [InlineData("", "", "nohost_index_r4n-0-7-3")]
    [InlineData("h", "http://h/dir/", "h_dir_r4n-0-7-3")]
    [InlineData("-rf", "/../..", "_rf_.._r4n-0-7-3")]
    [InlineData(".ssh", "/$(reboot).sh", "_ssh___reboot__r4n-0-7-3.sh")]
    [InlineData("h", "/archive.tar.gz", "h_archive.tar_r4n-0-7-3.gz")]
    [InlineData("h", "/name.averyveryverylongextension", "h_name.averyveryverylongextension_r4n-0-7-3")]
    public void Create_HostAndTarget_GivesAReadableName(string host, string target, string expected)
    {
        string name = FileName.Create(Encoding.UTF8.GetBytes(host), Encoding.UTF8.GetBytes(target), "r4n"u8, 0, 7, 3, false);

        Assert.Equal(expected, name);
    }

    [Fact]
    public void Create_RequestBody_HasANameOfItsOwn()
    {
        string request = FileName.Create("h"u8, "/a.txt"u8, default, 1, 2, 3, true);
        string response = FileName.Create("h"u8, "/a.txt"u8, default, 1, 2, 3, false);

        Assert.Equal("h_a_1-2-3r.txt", request);
        Assert.NotEqual(request, response);
    }

    [Fact]
    public void Create_HostileBytes_GivesOnlySafeNames()
    {
        Random random = new(20260801);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] host = new byte[random.Next(300)];
            byte[] target = new byte[random.Next(300)];
            random.NextBytes(host);
            random.NextBytes(target);
            if (i % 3 == 0)
                "/../. -/%2e%2e;`$|&\n\0"u8.CopyTo(target = new byte[40]);

            string name = FileName.Create(
                host,
                target,
                "0123456789abcdefXYZ"u8,
                random.Next(64),
                random.NextInt64(),
                random.NextInt64(),
                i % 2 == 0
            );

            string chunk = $"{name}.{long.MaxValue}.part";
            Assert.True(chunk.Length <= FileName.MaxBytes, $"{chunk.Length} bytes");
            Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9._-]*$", name);
        }
    }
}
