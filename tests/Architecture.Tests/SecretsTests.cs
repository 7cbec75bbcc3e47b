using System.Text;
using System.Text.RegularExpressions;
using Suture.Tests;

namespace Suture.Architecture.Tests;

/// <summary>No key and no token of anybody lies in the repository, or in the programs that were built here.</summary>
public sealed partial class SecretsTests
{
    [Fact]
    public void NoFileOfTheRepositoryHoldsASecret()
    {
        string[] notOurs = [".git", "out", "bin", "obj", "node_modules"];
        var files = Directory.EnumerateFiles(TestPaths.Repository, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(TestPaths.Repository, file).Split('/').Intersect(notOurs).Any()).ToList();

        Assert.True(files.Count > 300, $"{files.Count} files");
        Assert.Empty(files.SelectMany(Secrets));
    }

    [Fact]
    public void NoProgramHoldsASecret()
    {
        var built = new[] { "server", "agent", "cli" }.Select(name => Path.Combine(TestPaths.Repository, "out", name)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)).ToList();
        if (built.Count == 0)
        {
            Assert.Skip("Nothing is built in out/; ./suture build does.");
        }

        Assert.Empty(built.SelectMany(Secrets));
    }

    [Theory]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg", true)]
    [InlineData("-----BEGIN EC PRIVATE KEY-----\r\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY", true)]
    [InlineData("Authorization: Bearer sut_s_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", true)]
    [InlineData("AKIAIOSFODNN7EXAMPLE", true)]
    [InlineData("password=hunter2-and-more", true)]
    [InlineData("-----BEGIN PRIVATE KEY----- is how a key begins", false)]
    [InlineData("sut_e_x", false)]
    [InlineData("A password of at least 12 characters", false)]
    public void ASecretIsKnownWhenSeen(string text, bool isSecret) => Assert.Equal(isSecret, Secret().IsMatch(text));

    // Latin-1 keeps each byte a character, in programs too.
    private static IEnumerable<string> Secrets(string path) =>
        Secret().Matches(File.ReadAllText(path, Encoding.Latin1)).Where(_ => !path.EndsWith(nameof(SecretsTests) + ".cs", StringComparison.Ordinal))
            .Select(match => $"{path}: {match.Value[..Math.Min(40, match.Length)]}");

    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n[A-Za-z0-9+/=]{40}|sut_[a-z]_[A-Za-z0-9_-]{40}|AKIA[0-9A-Z]{16}|(?i:password)=[A-Za-z0-9_-]{10,}")]
    private static partial Regex Secret();
}
