using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Auth;

/// <summary>What a signed form allows.</summary>
/// <param name="Auth">Who signed it, or the refusal; anonymous when the form has no policy.</param>
/// <param name="ContentSizeBytesMin">Content below this is refused (<see cref="AuthError.EntityTooSmall"/>).</param>
/// <param name="ContentSizeBytesMax">Content above this is refused (<see cref="AuthError.EntityTooLarge"/>).</param>
public readonly record struct PostPolicyResult(AuthResult Auth, long ContentSizeBytesMin, long ContentSizeBytesMax);

/// <summary>Checks the form fields of a browser upload against the signed policy among them.</summary>
public sealed class PostPolicyVerifier(IIdentityDirectory identities, SigV4Options options)
{
    /// <summary>Checks one form.</summary>
    /// <param name="bucket">The bucket posted to; stands for a missing <c>bucket</c> field.</param>
    /// <param name="fields">Fields before the file, in order; <c>${filename}</c> in the key is already replaced.</param>
    /// <param name="utcNow">The server's time.</param>
    public PostPolicyResult Verify(string bucket, IReadOnlyList<KeyValuePair<string, string>> fields, DateTime utcNow) =>
        throw new NotImplementedException($"{identities}{options}");
}
