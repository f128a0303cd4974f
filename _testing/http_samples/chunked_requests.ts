/** Samples of chunked requests; the format is the one of sample.ts. @module */

/** Requests with chunked content. */
export const CHUNKED_REQUESTS = String.raw`
# chunks
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 5
> hello
> 1
> ,
> a
> \x00\r\n\xff456789
> 0
>
= head POST / origin 1.1 chunked keep host:a.test
= body hello,\x00\r\n\xff456789
= end

# no content in chunks
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: Chunked
>
> 0
>
= head POST / origin 1.1 chunked keep host:a.test
= end

# hexadecimal digits in both cases, zeros before and at the end
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 00B
> 0123456789A
> b
> 0123456789a
> 0000
>
= head POST / origin 1.1 chunked keep host:a.test
= body 0123456789A0123456789a
= end

# chunk extensions
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 1;a
> 1
> 1;a=b;c="d\\\\\\\";e\t"
> 2
> 1 ; a = b\t;\tc
> 3
> 1;a=""
> 4
> 0;last=yes
>
= head POST / origin 1.1 chunked keep host:a.test
= body 1234
= end

# trailer fields
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
> Trailer: Digest
>
> 1
> x
> 0
> Digest: abc
> X-Empty:
> Digest:\t def \x20
>
= head POST / origin 1.1 chunked keep host:a.test
= body x
= trailer Digest: abc
= trailer X-Empty:\x20
= trailer Digest: def
= end

# trailer fields that come too late are dropped
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 0
> Content-Length: 7
> Transfer-Encoding: gzip
> Host: b.test
> Authorization: x
> Set-Cookie: x
> CONNECTION: close
> X: y
>
> GET /next HTTP/1.1
> Host: a.test
>
= head POST / origin 1.1 chunked keep host:a.test
= trailer X: y
= end
= head GET /next origin 1.1 none keep host:a.test
= end

# nothing but trailer fields that are dropped
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 0
> Content-Length: 7
>
= head POST / origin 1.1 chunked keep host:a.test
= end

# empty elements around chunked are refused
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: , chunked
>
! ERR_HTTP_INVALID_FRAMING

# content at the limit in chunks
~ maxBody=3
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 2
> ab
> 1
> c
> 0
>
= head POST / origin 1.1 chunked keep host:a.test
= body abc
= end

# content above the limit in chunks
~ maxBody=3
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 2
> ab
> 2
= head POST / origin 1.1 chunked keep host:a.test
= body ab
! ERR_HTTP_BODY_TOO_LARGE

# extensions at the limit in sum
~ maxChunkExtensions=6
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 1;ab
> 1
> 0;cd
>
= head POST / origin 1.1 chunked keep host:a.test
= body 1
= end

# extensions above the limit in sum
~ maxChunkExtensions=6
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 1;ab
> 1
> 0;cde
>
= head POST / origin 1.1 chunked keep host:a.test
= body 1
! ERR_HTTP_HEAD_TOO_LARGE

# extensions are counted for each message
~ maxChunkExtensions=6
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 0;abcde
>
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 0;abcde
>
= head POST / origin 1.1 chunked keep host:a.test
= end
= head POST / origin 1.1 chunked keep host:a.test
= end

# an extension without end
~ maxChunkExtensions=10
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
>> 1;\200*a
= head POST / origin 1.1 chunked keep host:a.test
! ERR_HTTP_HEAD_TOO_LARGE

# a size without end
~ maxChunkExtensions=10
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
>> \200*0
= head POST / origin 1.1 chunked keep host:a.test
! ERR_HTTP_INVALID_CHUNK

# trailers at the limit
~ maxTrailers=12
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 0
> A: b
> C: d
>
= head POST / origin 1.1 chunked keep host:a.test
= trailer A: b
= trailer C: d
= end

# trailers above the limit
~ maxTrailers=11
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 0
> A: b
> C: d
>
= head POST / origin 1.1 chunked keep host:a.test
! ERR_HTTP_HEAD_TOO_LARGE

# more trailer fields than fields may be
~ maxFields=2
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 0
> A: b
> C: d
> E: f
>
= head POST / origin 1.1 chunked keep host:a.test
! ERR_HTTP_HEAD_TOO_LARGE

# more trailer fields than fields may be, though dropped
~ maxFields=2
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 0
> Host: b
> Host: c
> Host: d
>
= head POST / origin 1.1 chunked keep host:a.test
! ERR_HTTP_HEAD_TOO_LARGE

# chunks cut off in data
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
>> 5\r\nhel
$
= head POST / origin 1.1 chunked keep host:a.test
= body hel
! ERR_HTTP_INCOMPLETE

# chunks cut off between
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 2
> ab
$
= head POST / origin 1.1 chunked keep host:a.test
= body ab
! ERR_HTTP_INCOMPLETE

# chunks cut off before the last line
> POST / HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 0
$
= head POST / origin 1.1 chunked keep host:a.test
! ERR_HTTP_INCOMPLETE
`;
