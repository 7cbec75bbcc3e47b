using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Suture.Platform.Storage;

namespace Suture.Inventory.Certificates;

/// <summary>The authority's key and certificate in one file, PEM, for its owner only. Written once, in one step.</summary>
internal static class AuthorityFile
{
    public const string Name = "agent-authority.pem";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(20 * 365);

    /// <summary>Opens the authority of a folder; makes it at first start. Safe when two start at once: both get the same one.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be used; names the file, what is wrong and what to do.</exception>
    public static X509Certificate2 Open(string folder, DateTimeOffset now)
    {
        OwnerOnly.EnsureFolder(folder);
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
        {
            Create(path, now);
        }
        OwnerOnly.RefuseSharedFile(path);
        return Read(path);
    }

    private static void Create(string path, DateTimeOffset now)
    {
        var text = Make(now);
        var draft = $"{path}.{Guid.CreateVersion7(now):N}.draft";
        try
        {
            using (var stream = OwnerOnly.Create(draft))
            {
                stream.Write(Encoding.ASCII.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }
            File.Move(draft, path, overwrite: false);
            OwnerOnly.FlushFolder(Path.GetDirectoryName(path)!);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its authority is the one.
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static string Make(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Suture agents' authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - Certificate.ClockSlack, now + Lifetime);
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    private static X509Certificate2 Read(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            return X509Certificate2.CreateFromPem(text, text);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"{path} holds no certificate with its key ({fault.Message}). Put the backup of it back; without one, remove it and enrol every endpoint again.", fault);
        }
    }
}
