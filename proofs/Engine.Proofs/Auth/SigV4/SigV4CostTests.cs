using System;
using System.Globalization;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Auth;
using Xunit;

namespace ObjectStore.Engine.Proofs;

/// <summary>Goal: a verified request costs no garbage and its date means what it says. Method: count bytes; the runtime's reader of dates as the oracle.</summary>
public sealed class SigV4CostTests
{
    [Fact]
    public void A_verified_request_allocates_nothing()
    {
        SigV4Verifier verifier = AuthSamples.Verifier();
        AuthRequest request = AuthSamples.Request("PUT", "/bucket/some%20key", "partNumber=1&uploadId=x", ("Host", "h"), ("x-amz-meta-a", "b"), ("Content-Type", "text/plain"));
        request = request with { Headers = AuthSamples.Signer.Sign(request, AuthSamples.DocumentedUtc, SigV4Signer.UnsignedPayload).Headers };
        long least = Enumerable.Range(0, 20).Min(_ => AllocatedBytes(verifier, request));
        Assert.Equal(0, least);
    }

    [Fact]
    public void Dates_are_read_as_the_runtime_reads_them() =>
        Gen.Select(Gen.OneOf(Gen.Int[0, 10_000], Gen.Int[1999, 2026]), Gen.Int[0, 13], Gen.Int[0, 32], Gen.Int[0, 24], Gen.Int[0, 60], Gen.Int[0, 60]).Sample((year, month, day, hour, minute, second) =>
            AssertRead(string.Create(CultureInfo.InvariantCulture, $"{year:D4}{month:D2}{day:D2}T{hour:D2}{minute:D2}{second:D2}Z")));

    [Fact]
    public void What_is_no_date_is_none() =>
        Gen.Select(Gen.Int[0, 15], Gen.Char[" +-0TZtz:/\u0660"]).Sample((at, letter) =>
        {
            char[] text = "20130524T000000Z".ToCharArray();
            text[at] = letter;
            AssertRead(new string(text));
        });

    private static void AssertRead(string text)
    {
        bool expected = DateTime.TryParseExact(
            text, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time);
        Assert.Equal(expected, SigV4Time.TryParse(text, out DateTime read));
        Assert.Equal((time, time.Kind), (read, read.Kind));
    }

    private static long AllocatedBytes(SigV4Verifier verifier, in AuthRequest request)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        AuthError error = verifier.Verify(request, AuthSamples.DocumentedUtc).Error;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(AuthError.None, error);
        return allocated;
    }
}
