using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Suture.Advisories.Archive;
using static Suture.Server.Tests.Advisories.AdvisoriesWorld;

namespace Suture.Server.Tests.Advisories;

public sealed class SignedReleaseTests
{
    private const string Index = "main/binary-amd64/Packages.xz";

    private static readonly Gpgv Real = new(TimeProvider.System);

    [Fact]
    public async Task Verify_GoodSignature_ReadsWhatWasSigned()
    {
        using var archive = await SignedArchive.CreateAsync();
        var signed = await archive.SignAsync(SignedArchive.Release(Start, [1, 2], validUntil: Start.AddDays(7)));

        var release = await SignedRelease.VerifyAsync(signed, archive.KeyringPath, Real, CancellationToken.None);

        Assert.Equal(("bookworm-security", "bookworm-security", Start, Start.AddDays(7)), (release.Suite, release.Codename, release.Date, release.ValidUntil));
        Assert.Equal(("a12871fee210fb8619291eaea194581cbd2531e4b23759d225f6806923f63222", 2L), release.Sha256[Index]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Verify_TextOutsideTheSignature_IsNotRead(bool isBefore)
    {
        using var archive = await SignedArchive.CreateAsync();
        var signed = await archive.SignAsync(SignedArchive.Release(Start, [1, 2]));
        var added = Encoding.UTF8.GetBytes($"\nSuite: evil\nDate: Sun, 01 Jan 2045 00:00:00 UTC\nSHA256:\n {new string('0', 64)} 2 {Index}\n\n");

        var release = await SignedRelease.VerifyAsync(isBefore ? [.. added, .. signed] : [.. signed, .. added], archive.KeyringPath, Real, CancellationToken.None);

        Assert.Equal(("bookworm-security", Start), (release.Suite, release.Date));
        Assert.NotEqual(new string('0', 64), release.Sha256[Index].Hash);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("not signed")]
    [InlineData("signed twice over")]
    [InlineData("empty")]
    [InlineData("another's key")]
    public async Task Verify_SignatureThatDoesNotHold_IsRefused(string fault)
    {
        using var archive = await SignedArchive.CreateAsync();
        using var other = await SignedArchive.CreateAsync();
        var release = SignedArchive.Release(Start, [1, 2]);
        var signed = await archive.SignAsync(release);
        byte[] content = fault switch
        {
            "changed" => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(signed).Replace("Origin: Debian", "Origin: Fabian", StringComparison.Ordinal)),
            "not signed" => Encoding.UTF8.GetBytes(release),
            "signed twice over" => [.. signed, .. signed],
            "empty" => [],
            _ => await other.SignAsync(release),
        };

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => SignedRelease.VerifyAsync(content, archive.KeyringPath, Real, CancellationToken.None));

        Assert.Contains("its signature does not hold", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_GpgvSaysMoreThanAPipeHolds_IsReadToItsEnd()
    {
        const string Begin = "-----BEGIN PGP SIGNATURE-----\n\n";
        const string End = "-----END PGP SIGNATURE-----";
        using var archive = await SignedArchive.CreateAsync();
        var parts = Encoding.UTF8.GetString(await archive.SignAsync(SignedArchive.Release(Start, [1, 2]))).Split([Begin, End], StringSplitOptions.None);
        // The same signature a thousand times, of which gpgv tells each in three lines; the armour's checksum, which begins with '=', is left out.
        var signature = Convert.FromBase64String(string.Concat(parts[1].Split('\n').Where(line => !line.StartsWith('='))));
        var many = Convert.ToBase64String([.. Enumerable.Repeat(signature, 1_000).SelectMany(bytes => bytes)]).Chunk(64).Select(line => new string(line));

        var release = await SignedRelease.VerifyAsync(
            Encoding.UTF8.GetBytes($"{parts[0]}{Begin}{string.Join('\n', many)}\n{End}\n"), archive.KeyringPath, Real, CancellationToken.None);

        Assert.Equal("bookworm-security", release.Suite);
    }

    [Fact]
    public async Task Verify_GpgvHangs_IsEndedAtTheDeadline()
    {
        var folder = Directory.CreateTempSubdirectory("suture-keyring-");
        try
        {
            // A pipe that nobody writes to: gpgv waits for the keys in it.
            var keyring = Path.Combine(folder.FullName, "keyring.gpg");
            using (var made = Process.Start("/usr/bin/mkfifo", [keyring]))
            {
                await made.WaitForExitAsync(CancellationToken.None);
            }
            var time = new FakeTimeProvider(Start);

            var verified = SignedRelease.VerifyAsync([1], keyring, new Gpgv(time), CancellationToken.None);
            while (!verified.IsCompleted)
            {
                time.Advance(Gpgv.Deadline);
                await Task.Yield();
            }

            Assert.Contains("/usr/bin/gpgv gave no answer within 60 s", (await Assert.ThrowsAsync<InvalidDataException>(() => verified)).Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Verify_NoKeyring_SaysWhatToInstall()
    {
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => SignedRelease.VerifyAsync([1], "/nowhere/keyring.gpg", Real, CancellationToken.None));

        Assert.Contains("/nowhere/keyring.gpg is not there; install the package debian-archive-keyring", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bookworm-security", null, 0, null)]
    [InlineData("trixie-security", null, 0, "is for suite 'bookworm-security'")]
    [InlineData("bookworm-security", 0, 0, null)] // the same again
    [InlineData("bookworm-security", 1, 0, "signed metadata never goes back")]
    [InlineData("bookworm-security", null, 7 * 86_400 - 1, null)]
    [InlineData("bookworm-security", null, 7 * 86_400, "it was valid until")]
    [InlineData("bookworm-security", null, -86_400, null)] // clocks differ
    [InlineData("bookworm-security", null, -86_401, "more than a day ahead of")] // else nothing newer would ever be taken
    public void Refuse_SuiteLastDateAndClock_IsDecided(string suite, int? lastSecondsAfter, int nowSecondsAfter, string? expected)
    {
        var release = SignedRelease.Parse(SignedArchive.Release(Start, [1], validUntil: Start.AddDays(7)).Split('\n'));

        var reason = release.Refuse(suite, lastSecondsAfter is { } seconds ? Start.AddSeconds(seconds) : null, Start.AddSeconds(nowSecondsAfter));

        if (expected is null)
        {
            Assert.Null(reason);
        }
        else
        {
            Assert.Contains(expected, reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Suite: x", "has no Date")]
    [InlineData("Date: soon", "Date is 'soon'; wanted is an instant")]
    [InlineData("Date: Thu, 20 Aug 2026 12:00:00 UTC\nValid-Until: never", "Valid-Until is 'never'")] // must not read as "for ever"
    public void Parse_InstantThatCannotBeRead_IsRefused(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => SignedRelease.Parse(text.Split('\n'))).Message, StringComparison.Ordinal);
}
