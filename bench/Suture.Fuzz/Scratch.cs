namespace Suture.Fuzz;

/// <summary>One file of this process, for parsers that open their file themselves.</summary>
internal static class Scratch
{
    private static readonly string FilePath = Path.Combine(Directory.CreateTempSubdirectory("suture-fuzz-").FullName, "input");

    /// <summary>Writes the file.</summary>
    /// <param name="content">Its content.</param>
    /// <returns>Its path.</returns>
    public static string Write(byte[] content)
    {
        File.WriteAllBytes(FilePath, content);
        return FilePath;
    }
}
