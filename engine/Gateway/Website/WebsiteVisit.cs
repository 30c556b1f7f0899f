using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>One request to a bucket that is a website.</summary>
/// <remarks>
/// In order: the redirect of all requests; rules that do not wait for an error; the object, or the index document of a folder; a folder that was asked for without its slash;
/// rules for the error that came up; the error document; a page of ours. Nothing of an object is told, and none is pointed to, that everybody may not read.
/// Source: Amazon S3 User Guide, "Configuring an index document", "Configuring a custom error document", "Configuring a webpage redirect".
/// </remarks>
/// <param name="context">The request, anonymous, with its bucket.</param>
/// <param name="asked">What it asks for.</param>
/// <param name="website">How the bucket is shown.</param>
internal sealed class WebsiteVisit(OperationContext context, WebsiteAddress asked, WebsiteConfiguration website)
{
    private bool IsHead => context.Request.Method == "HEAD";

    internal async ValueTask<S3Response> AnswerAsync()
    {
        if (website.RedirectAll is { } elsewhere)
        {
            return Redirect(elsewhere, "");
        }

        if (website.RuleFor(asked.Key, errorStatus: null) is { } rule)
        {
            return Redirect(rule.Redirect, rule.KeyPrefix);
        }

        bool isFolder = asked.Key.Length == 0 || asked.Key.EndsWith('/');
        try
        {
            return await ReadLoggedAsync(isFolder ? asked.Key + website.IndexSuffix : asked.Key);
        }
        catch (Exception failure) when (Refusals.Covers(failure))
        {
            S3Exception refusal = RefusalOf(failure);

            // What is there and not for everybody is not told from what is not there.
            bool isMissing = refusal.Error.Status == 404 || refusal.Error == S3Errors.AccessDenied;
            return isMissing && !isFolder && await HasIndexAsync() ? RedirectToFolder() : await RefuseAsync(refusal);
        }
    }

    private async ValueTask<S3Response> RefuseAsync(S3Exception refusal)
    {
        context.AccessLog?.ErrorCode = refusal.Error.Code;
        int status = refusal.Error.Status;
        if (website.RuleFor(asked.Key, status) is { } rule)
        {
            return Redirect(rule.Redirect, rule.KeyPrefix);
        }

        S3Exception? ofErrorDocument = null;
        if (status is >= 400 and < 500 && website.ErrorKey is { } errorKey)
        {
            try
            {
                S3Response response = await ReadAsync(errorKey, Unconditional(context.Headers));
                if (response.Status == 200)
                {
                    response.Status = status;
                    WebsitePage.NameError(response, refusal.Error);
                }

                return response;
            }
            catch (Exception failure) when (Refusals.Covers(failure))
            {
                ofErrorDocument = RefusalOf(failure);
            }
        }

        return WebsitePage.Refuse(refusal, context.Request.Method, context.RequestId, context.Services.HostId, ofErrorDocument);
    }

    /// <summary>Reads what is asked for, which access logs tell of; not what is answered in place of it.</summary>
    private async ValueTask<S3Response> ReadLoggedAsync(string key)
    {
        S3Response response = await ReadAsync(key, context.Headers, context.AccessLog);
        context.AccessLog?.TakeKey(key);
        return response;
    }

    private async ValueTask<S3Response> ReadAsync(string key, RequestHeaders headers, RequestLog? log = null)
    {
        S3Target.CheckKey(key);
        OperationContext page = context.ForKey(key, headers, log);
        S3Response response = IsHead ? await HeadObject.ReadAsync(page, RedirectOf) : await GetObject.ReadAsync(page, RedirectOf);
        Invariant.Check(page.IsAuthorized, "a page without an authorization decision");
        return response;
    }

    /// <summary>Whether what was asked for is a folder that has an index document which everybody may read.</summary>
    private async ValueTask<bool> HasIndexAsync()
    {
        try
        {
            OperationContext index = context.ForKey($"{asked.Key}/{website.IndexSuffix}", context.Headers);
            await ObjectReader.FindAsync(index, S3Action.GetObject, S3Action.GetObjectVersion);
            return true;
        }
        catch (S3Exception)
        {
            return false;
        }
    }

    private S3Response Redirect(WebsiteRedirect redirect, string prefix) => WebsitePage.Redirect(redirect.Status, redirect.LocationOf(asked, prefix));

    private S3Response RedirectToFolder()
    {
        string location = LocationText.OnSameHost($"/{LocationText.OfKey(asked.Key)}/");
        return WebsitePage.Redirect(302, asked.RawQuery.Length == 0 ? location : $"{location}?{LocationText.OfQuery(asked.RawQuery)}");
    }

    private static S3Response? RedirectOf(ObjectRecord found)
    {
        foreach ((string name, string value) in found.Headers)
        {
            if (name == RedirectLocation.Header)
            {
                return WebsitePage.Redirect(WebsiteRedirect.UsualStatus, LocationText.OnSameHost(LocationText.OfOwner(value)));
            }
        }

        return null;
    }

    private S3Exception RefusalOf(Exception failure) => Refusals.Of(failure, context.Services.Trace, context.RequestId);

    // The error document stands for another object: what the client has of that one says nothing of it.
    private static RequestHeaders Unconditional(RequestHeaders headers)
    {
        var kept = new List<KeyValuePair<string, string>>(headers.All.Count);
        foreach (KeyValuePair<string, string> header in headers.All)
        {
            if (!header.Key.StartsWith("If-", StringComparison.OrdinalIgnoreCase) && !header.Key.Equals("Range", StringComparison.OrdinalIgnoreCase))
            {
                kept.Add(header);
            }
        }

        return new RequestHeaders(kept);
    }
}
