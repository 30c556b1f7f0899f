using System;

namespace ObjectStore.Engine.Auth;

/// <summary>Checks who sent a request: AWS Signature Version 4 in the Authorization header or in the query, as Amazon S3 does. Pure but for a cache of
/// signing keys; any thread may call it.</summary>
public sealed class SigV4Verifier(IIdentityDirectory identities, SigV4Options options)
{
    /// <summary>Checks one request.</summary>
    /// <param name="request">The request; not kept.</param>
    /// <param name="utcNow">The server's time.</param>
    /// <returns>The sender, anonymous, or the refusal.</returns>
    public AuthResult Verify(in AuthRequest request, DateTime utcNow) => throw new NotImplementedException($"{identities}{options}");
}
