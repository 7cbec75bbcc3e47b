using System.Security.Cryptography;
using Suture.Cli.Commands;
using Suture.Contracts.Approvals;

namespace Suture.Cli.Approvals;

/// <summary>An approver's signing key in a file of their own machine: PKCS#8 in PEM, encrypted with a passphrase, readable by its owner alone.</summary>
internal static class ApproverKeyFile
{
    private const string Variable = "SUTURE_KEY_PASSPHRASE";
    private const int PassphraseMin = 8;
    private const int FileBytesMax = 64 * 1024;

    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 600_000);

    /// <summary>Makes a key and writes it, and its public part beside it with <c>.pub</c>.</summary>
    /// <param name="console">Asks for the passphrase.</param>
    /// <param name="path">File to make.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Path of the public key's file.</returns>
    public static async Task<string> CreateAsync(CliConsole console, string path, CancellationToken cancellation)
    {
        var (full, open) = (Path.GetFullPath(path), Path.GetFullPath(path) + ".pub");
        if (new[] { full, open }.FirstOrDefault(File.Exists) is { } there)
        {
            throw new CliException(Exit.Usage, $"{there} is there already and is not overwritten. Name another file.");
        }
        var passphrase = await SecretLine.ReadAsync(console, Variable, $"Passphrase of the key (at least {PassphraseMin} characters): ", cancellation);
        if (passphrase.Length < PassphraseMin)
        {
            throw new CliException(Exit.Usage, $"The passphrase has {passphrase.Length} characters; wanted are at least {PassphraseMin}. No key was made.");
        }
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        await using (var file = new StreamWriter(full, options))
        {
            await file.WriteLineAsync(key.ExportEncryptedPkcs8PrivateKeyPem(passphrase, Encryption));
        }
        await File.WriteAllTextAsync(open, key.ExportSubjectPublicKeyInfoPem() + "\n", cancellation);
        return open;
    }

    /// <summary>Opens a key to sign with.</summary>
    /// <param name="console">Asks for the passphrase when the key has one.</param>
    /// <param name="path">Its file.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ECDsa> OpenAsync(CliConsole console, string path, CancellationToken cancellation)
    {
        var pem = Read(path);
        var passphrase = pem.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal)
            ? await SecretLine.ReadAsync(console, Variable, $"Passphrase of {path}: ", cancellation)
            : null;
        var key = ECDsa.Create();
        try
        {
            if (passphrase is null)
            {
                key.ImportFromPem(pem);
            }
            else
            {
                key.ImportFromEncryptedPem(pem, passphrase);
            }
            if (key.KeySize == 256)
            {
                return key;
            }
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            key.Dispose();
            throw new CliException(Exit.Usage, $"{path} cannot be opened as a private key: {fault.Message} Is the passphrase right? './suture approvers key FILE' makes one.");
        }
        key.Dispose();
        throw new CliException(Exit.Usage, $"{path} is no key of ECDSA P-256. './suture approvers key FILE' makes one.");
    }

    /// <summary>Reads a public key.</summary>
    /// <param name="holder">User who holds it.</param>
    /// <param name="path">File in PEM.</param>
    public static ApproverKey ReadPublic(string holder, string path)
    {
        using var key = ECDsa.Create();
        var pem = Read(path);
        try
        {
            if (pem.Contains("PRIVATE", StringComparison.Ordinal))
            {
                throw new CliException(Exit.Usage, $"{path} holds a private key. Give the public one, {path}.pub; the private key stays with {holder}.");
            }
            key.ImportFromPem(pem);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            throw new CliException(Exit.Usage, $"{path} is no public key in PEM: {fault.Message} './suture approvers key FILE' writes FILE.pub.");
        }
        return new ApproverKey { Holder = holder, PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) };
    }

    private static string Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= FileBytesMax ? File.ReadAllText(path) : throw new CliException(Exit.Usage, $"{path} has more than {FileBytesMax} bytes; that is no key.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CliException(Exit.Usage, $"{path} cannot be read: {fault.Message}");
        }
    }
}
