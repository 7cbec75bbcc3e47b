using System.Globalization;
using Microsoft.Extensions.Logging;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;

namespace Suture.Advisories.Archive;

/// <summary>What the changelogs of a suite say.</summary>
/// <param name="Read">Those that are read.</param>
/// <param name="Records">What follows from them, and a record of each that is not read, with the reason.</param>
internal sealed record ChangelogsRead(IReadOnlyList<ArchiveRead> Read, IReadOnlyList<FixRecord> Records);

/// <summary>Finds the changelog of each wanted source: kept from before, or in one of its packages, within the bytes of a run.</summary>
internal sealed partial class ReadChangelogs(ArchiveClient client, FeedLibrary library, ArchiveOptions options, TimeProvider time, ILogger<ReadChangelogs> logger)
{
    private const string RunIsUsedUp = "this run has read as many bytes as it may; the next goes on";

    internal async Task<ChangelogsRead> ReadAsync(ArchiveSuite suite, IReadOnlyList<ArchiveRead> wanted, CancellationToken cancellation)
    {
        var (done, records) = (new List<ArchiveRead>(), new List<FixRecord>());
        var bytesLeft = options.RunBytesMax;
        foreach (var read in wanted)
        {
            var known = await library.FindChangelogAsync(suite.Release, read, cancellation);
            if (known is null || (known.Entries is null && known.TriedUtc + options.RetryAfter <= time.GetUtcNow()))
            {
                (known, bytesLeft) = await SeekAsync(suite, read, bytesLeft, cancellation);
            }
            if (known.Entries is not { } entries)
            {
                records.Add(FixRecord.Unread(suite.Release, read.Source, read.Version, known.NotRead!));
                continue;
            }
            done.Add(read);
            records.AddRange(DecideArchiveReads.Records(suite.Release, read, entries));
        }
        return new ChangelogsRead(done, records);
    }

    /// <summary>Asks the packages of a source, in the order of <see cref="DecideArchiveReads.Next"/>, until one carries the changelog of the suite's version.
    /// What was found is kept, also that all of them have none: it is not fetched again at every look, and sought again after <see cref="ArchiveOptions.RetryAfter"/>.</summary>
    private async Task<(KnownChangelog Known, long BytesLeft)> SeekAsync(ArchiveSuite suite, ArchiveRead read, long bytesLeft, CancellationToken cancellation)
    {
        var asked = new AskedPackages();
        var known = new KnownChangelog(null, null, time.GetUtcNow());
        while (known.Entries is null && DecideArchiveReads.Next(read, asked, options.PackageBytesMax) is { } file)
        {
            if (file.SizeBytes > bytesLeft)
            {
                return (known with { NotRead = RunIsUsedUp }, bytesLeft);
            }
            if (await client.FindPackageAsync(suite, file, cancellation) is not { } package)
            {
                asked.AddMissing(file);
                LogMissing(file.Path, suite.Archive);
                continue;
            }
            bytesLeft -= file.SizeBytes;
            known = known with { Entries = Ask(package, file, read, asked) };
        }
        known = known.Entries is null ? known with { NotRead = WhyNot(read, asked) } : known;
        // A mirror that is being updated may have the package a minute later: that it is missing is not kept, and the next look asks again.
        if (known.Entries is not null || !asked.IsOneMissing)
        {
            await library.KeepChangelogAsync(suite.Release, read, known, cancellation);
        }
        return (known, bytesLeft);
    }

    // The package is the signed one; when it is packed in a way that is not read here, another of the source is asked.
    private IReadOnlyList<ChangelogEntry>? Ask(byte[] package, PackageFile file, ArchiveRead read, AskedPackages asked)
    {
        try
        {
            var changelog = DebPackage.ReadChangelog(package);
            asked.Add(file, changelog.LinkedPackage);
            return changelog.Text is null ? null : Entries(changelog.Text, read);
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            asked.Add(file, null);
            asked.Fault ??= $"{file.Name} cannot be read: {fault.Message}";
            LogUnreadable(file.Path, fault.Message);
            return null;
        }
    }

    // A text that does not speak of the suite's version is not the changelog that is sought.
    private static IReadOnlyList<ChangelogEntry>? Entries(string text, ArchiveRead read)
    {
        var entries = DebianChangelog.Read(new StringReader(text), version => DebianVersion.Compare(version, read.OldestInstalled) > 0);
        return entries.Any(entry => DebianVersion.Compare(entry.Version, read.Version) == 0) ? entries : null;
    }

    private string WhyNot(ArchiveRead read, AskedPackages asked) => asked switch
    {
        { Fault: { } fault } => fault,
        { Files.Count: 0 } => string.Create(CultureInfo.InvariantCulture, $"each of its packages has more than the {options.PackageBytesMax:N0} bytes allowed"),
        _ when asked.Files.Count == read.Files.Count => "none of its packages carries one",
        _ => string.Create(CultureInfo.InvariantCulture, $"none of the {asked.Files.Count} packages of it that may be fetched carries one"),
    };

    [LoggerMessage(2104, LogLevel.Warning, "The changelog in {Path} cannot be read: {Reason}; another package of its source is asked")]
    private partial void LogUnreadable(string path, string reason);

    [LoggerMessage(2105, LogLevel.Information, "{Archive} names {Path} in its index and does not have it; another package of its source is asked")]
    private partial void LogMissing(string path, Uri archive);
}
