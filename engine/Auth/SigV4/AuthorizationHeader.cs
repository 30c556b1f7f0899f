using System;

namespace ObjectStore.Engine.Auth;

/// <summary>The Authorization header: <c>AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…</c>.</summary>
internal static class AuthorizationHeader
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Takes the three components apart; the failure says what is wrong.</summary>
    public static AuthFailure? Read(string header, out ReadOnlySpan<char> credential, out ReadOnlySpan<char> signedHeaders, out ReadOnlySpan<char> signature)
    {
        credential = signedHeaders = signature = default;
        ReadOnlySpan<char> text = header.AsSpan().Trim();
        int blank = text.IndexOf(' ');
        ReadOnlySpan<char> type = blank < 0 ? text : text[..blank];
        if (!type.SequenceEqual(Algorithm))
        {
            return type.SequenceEqual("AWS") || type.StartsWith("AWS4-") ? AuthFailures.UnsupportedMechanism() : AuthFailures.UnsupportedType(header);
        }

        ReadOnlySpan<char> components = blank < 0 ? default : text[blank..];
        foreach (Range range in components.Split(','))
        {
            ReadOnlySpan<char> component = components[range].Trim();
            int equals = component.IndexOf('=');
            ReadOnlySpan<char> value = component[(equals + 1)..];
            bool taken = equals > 0 && component[..equals] switch
            {
                "Credential" => Take(ref credential, value),
                "SignedHeaders" => Take(ref signedHeaders, value),
                "Signature" => Take(ref signature, value),
                _ => false,
            };
            if (!taken)
            {
                break;
            }
        }

        return credential.IsEmpty || signedHeaders.IsEmpty || signature.IsEmpty
            ? AuthFailures.HeaderMalformed("the authorization header requires three components: Credential, SignedHeaders, and Signature.")
            : null;
    }

    private static bool Take(ref ReadOnlySpan<char> component, ReadOnlySpan<char> value)
    {
        bool first = component.IsEmpty;
        component = first ? value : default;
        return first;
    }
}
