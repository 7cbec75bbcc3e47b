#pragma warning disable CA1416 // The server refuses to keep secrets on Windows; these tests never run there.
using Suture.Platform.Storage;

namespace Suture.Tests.Storage;

public sealed class SecretsFolderTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("suture-secrets-").FullName;

    private string Folder => Path.Combine(_data, "secrets");

    [Fact]
    public void Write_NewSecret_OnlyItsOwnerMayReadIt()
    {
        SecretsFolder.Open(_data).Write("ca.key", [1, 2, 3]);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder, "ca.key")));
        Assert.Equal(["ca.key"], Directory.GetFiles(Folder).Select(Path.GetFileName));
    }

    [Fact]
    public void GetOrCreate_SecondTime_GivesTheSame()
    {
        var first = SecretsFolder.Open(_data).GetOrCreate("job.key", () => [7]);
        var second = SecretsFolder.Open(_data).GetOrCreate("job.key", () => [8]);

        Assert.Equal([7], first);
        Assert.Equal([7], second);
    }

    [Fact]
    public void Open_FolderOfOthers_IsRefusedWithTheRemedy()
    {
        SecretsFolder.Open(_data);
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead);

        var fault = Assert.Throws<InvalidOperationException>(() => SecretsFolder.Open(_data));

        Assert.Contains($"chmod 700 '{Folder}'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileOfOthersOrEmpty_IsRefused()
    {
        var secrets = SecretsFolder.Open(_data);
        secrets.Write("a", [1]);
        File.SetUnixFileMode(Path.Combine(Folder, "a"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        secrets.Write("b", [1]);
        File.WriteAllBytes(Path.Combine(Folder, "b"), []);

        Assert.Throws<InvalidOperationException>(() => secrets.Read("a"));
        Assert.Throws<InvalidOperationException>(() => secrets.Read("b"));
        Assert.Null(secrets.Read("c"));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("x.draft")]
    public void Write_NameThatLeadsElsewhere_IsRefused(string name)
    {
        var secrets = SecretsFolder.Open(_data);

        Assert.Throws<ArgumentException>(() => secrets.Write(name, [1]));
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);
}
