using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>POST bucket with a form: an upload from a browser. The form carries signature and policy of its own.</summary>
internal static class PostObject
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        FormReader form = await FormReader.OpenAsync(context.Request.Body, context.Headers["Content-Type"]!, context.Cancellation);
        string key = (form["key"] ?? throw S3Exception.InvalidArgument("Bucket POST must contain a field named 'key'.", "key", ""))
            .Replace("${filename}", form.FileName[(form.FileName.LastIndexOfAny(['/', '\\']) + 1)..], StringComparison.Ordinal);
        if (key.Length == 0)
        {
            throw S3Exception.InvalidArgument("User key must have a length greater than 0.", "key", "");
        }

        S3Target.CheckKey(key);
        List<KeyValuePair<string, string>> fields = form.Fields.ConvertAll(
            field => field.Key.Equals("key", StringComparison.OrdinalIgnoreCase) ? new(field.Key, key) : field);
        var verifier = new PostPolicyVerifier(context.Services.Identities, new SigV4Options { Region = context.Options.Region });
        PostPolicyResult allowed = verifier.Verify(context.BucketName, fields, context.NowUtc);
        if (allowed.Auth.Failure is AuthFailure failure)
        {
            throw BodyAndAuthErrors.Refusal(failure);
        }

        OperationContext post = context.AsForm(allowed.Auth, key, Headers(fields));
        S3Response response = await PutAsync(post, form, allowed);
        context.IsAuthorized = post.IsAuthorized;
        return response;
    }

    private static async ValueTask<S3Response> PutAsync(OperationContext context, FormReader form, PostPolicyResult allowed)
    {
        Authorizer.DemandWrite(context, TagSet.FromHeader(context.Headers["x-amz-tagging"]));
        ObjectEncryption? encryption = ObjectEncryption.ForNewObject(context);
        ObjectRecord record = NewObject.FromHeaders(context, encryption);
        StatedDigests stated = StatedDigests.Of(context.Headers);
        using var hashed = new HashedContent(new LimitedContent(form, allowed.ContentSizeBytesMax), md5: true, stated.Algorithm, context.Services.Md5Pool);
        await using var store = new BodyStore(context.Services, context.Options.InlineBytesMax, encryption);
        await store.TakeAsync(hashed);
        context.AccessLog?.NoteBodyEnd();
        if (store.SizeBytes < allowed.ContentSizeBytesMin)
        {
            throw new S3Exception(
                S3Errors.EntityTooSmall, ("ProposedSize", store.SizeBytes), ("MinSizeAllowed", allowed.ContentSizeBytesMin));
        }

        await store.SyncAsync();
        (string? etag, ObjectChecksum? checksum) = await hashed.FinishAsync();
        stated.Check(etag!, checksum!);
        CommandResult result = await PutObject.ExecuteAsync(context, store, record with { ETag = etag!, Checksum = checksum }, null, EventKind.CreatedByPost);
        S3Response response = Success(context, form, etag!);
        response.SetHeader("ETag", $"\"{etag}\"");
        encryption?.Describe(response);
        response.AddVersion(context.Bucket, result.Object!.Version);
        response.AddExpiration(context, result.Object);
        return response;
    }

    private static S3Response Success(OperationContext context, FormReader form, string etag)
    {
        string location = $"{context.Url.TrimEnd('/')}/{Uri.EscapeDataString(context.Key)}";
        if (Uri.TryCreate(form["success_action_redirect"] ?? form["redirect"], UriKind.Absolute, out Uri? redirect) && redirect.Scheme is "http" or "https")
        {
            string separator = redirect.Query.Length == 0 ? "?" : "&";
            var see = new S3Response { Status = 303 };
            see.SetHeader(
                "Location",
                $"{redirect.AbsoluteUri}{separator}bucket={context.BucketName}&key={Uri.EscapeDataString(context.Key)}&etag=%22{etag}%22");
            see.SetHeader("Content-Length", "0");
            return see;
        }

        S3Response response;
        switch (form["success_action_status"])
        {
            case "200":
                response = Answer.Ok();
                break;
            case "201":
                var xml = new XmlDocumentWriter("PostResponse", withNamespace: false);
                xml.Element("Location", location);
                xml.Element("Bucket", context.BucketName);
                xml.Element("Key", context.Key);
                xml.ETag(etag);
                response = Answer.Xml(xml);
                response.Status = 201;
                break;
            default:
                response = Answer.NoContent();
                break;
        }

        response.SetHeader("Location", location);
        return response;
    }

    // Fields stand for headers; an ACL comes as the field acl, tags as a document in the field tagging.
    private static List<KeyValuePair<string, string>> Headers(List<KeyValuePair<string, string>> fields)
    {
        List<KeyValuePair<string, string>> headers = [];
        foreach ((string name, string value) in fields)
        {
            if (name.Equals("acl", StringComparison.OrdinalIgnoreCase))
            {
                headers.Add(new("x-amz-acl", value));
            }
            else if (name.Equals("tagging", StringComparison.OrdinalIgnoreCase))
            {
                headers.Add(new("x-amz-tagging", Tags(value)));
            }
            else
            {
                headers.Add(new(name, value));
            }
        }

        return headers;
    }

    private static string Tags(string document)
    {
        List<KeyValuePair<string, string>> tags = TagSet.FromDocument(System.Text.Encoding.UTF8.GetBytes(document), TagSet.ObjectTagsMax);
        return string.Join('&', tags.ConvertAll(tag => $"{Uri.EscapeDataString(tag.Key)}={Uri.EscapeDataString(tag.Value)}"));
    }

    /// <summary>Content that may not be longer than the form's policy, or any put, allows.</summary>
    private sealed class LimitedContent(IContentSource source, long sizeBytesMax) : IContentSource
    {
        private readonly long _sizeBytesMax = long.Min(sizeBytesMax, BodyOptions.ObjectSizeBytesMax);
        private long _taken;

        public long? LengthBytes => null;

        public Task Digesting => source.Digesting;

        public async ValueTask<int> ReadAsync(Memory<byte> destination)
        {
            int read = await source.ReadAsync(destination);
            _taken += read;
            return _taken <= _sizeBytesMax
                ? read
                : throw new S3Exception(S3Errors.EntityTooLarge, ("ProposedSize", _taken), ("MaxSizeAllowed", _sizeBytesMax));
        }
    }
}
