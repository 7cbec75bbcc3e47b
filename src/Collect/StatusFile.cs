using Suture.Collect.Dpkg;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Versions;

namespace Suture.Collect;

/// <summary>Reads a mere dpkg status file, apart from its machine.</summary>
public static class StatusFile
{
    /// <summary>Reads it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Packages installed, ordered as reports order them. A mere file shows no origin, so all of them are taken for the distribution's own.</returns>
    /// <exception cref="InvalidDataException">The file is at fault; the message names file and line.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<InstalledPackage> Read(string path)
    {
        var status = ReadStatus(path);
        return ReportDigest.Order(status.Packages.Select(entry =>
        {
            var source = DebianSource.Map(entry.Name, entry.Version, entry.SourceField);
            return new InstalledPackage
            {
                Name = entry.Name,
                Version = entry.Version,
                Architecture = entry.Architecture,
                Source = source.Name,
                SourceVersion = source.Version,
                Origin = OriginKind.Distribution,
                OriginBasis = OriginBasis.Inferred,
            };
        }));
    }

    private static StatusContent ReadStatus(string path)
    {
        try
        {
            return StatusReader.Read(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0), path);
        }
        catch (CollectException fault)
        {
            throw new InvalidDataException(fault.Message, fault);
        }
    }
}
