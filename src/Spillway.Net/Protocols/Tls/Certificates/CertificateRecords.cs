using System.Text;

namespace Spillway.Net.Protocols.Tls.Certificates;

/// <summary>Chains as resources and documents of the script API (sections 4.11 and 4.12), and the roles of their members.</summary>
public static class CertificateRecords
{
    /// <summary>The resource's uri: <c>SHA1:hex</c>, line feed, <c>NAME:/C=../O=../CN=..</c> of the sender's own certificate.</summary>
    public static string ResourceUri(CertificateDetails leaf)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        return $"SHA1:{leaf.Sha1}\nNAME:{leaf.Subject.OneLine}";
    }

    /// <summary>The resource's label: the chain as PEM with its markers.</summary>
    public static string ResourceLabel(IReadOnlyList<CertificateDetails> chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return string.Concat(chain.Select(certificate => certificate.Pem + "\n"));
    }

    /// <summary>The full-text document: for each certificate its SHA-1 and name, its dump and its PEM.</summary>
    public static string Document(IReadOnlyList<CertificateDetails> chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var text = new StringBuilder(8192);
        foreach (CertificateDetails certificate in chain)
        {
            text.Append("SHA1:").Append(certificate.Sha1).Append('\n');
            text.Append("NAME:").Append(certificate.Subject.OneLine).Append('\n');
            text.Append(certificate.Dump).Append(certificate.Pem).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>
    /// The authorities of a chain as it was sent: subjects above the first certificate, and the issuer of the last, which servers leave
    /// out.
    /// That one is the root, if an intermediate stands below it; the issuer of a lone certificate may be either and counts as intermediate.
    /// A self-signed certificate is its own root.
    /// </summary>
    public static IEnumerable<(CertificateName Name, bool IsRoot)> Authorities(IReadOnlyList<CertificateDetails> chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        for (int i = 0; i < chain.Count; i++)
        {
            CertificateDetails certificate = chain[i];
            if (!certificate.IsReadable)
                continue;
            if (certificate.IsSelfIssued)
                yield return (certificate.Subject, true);
            else if (i > 0)
                yield return (certificate.Subject, false);
            if (i == chain.Count - 1 && !certificate.IsSelfIssued)
                yield return (certificate.Issuer, i > 0);
        }
    }
}
