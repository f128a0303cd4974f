/** Samples of requests at limits and beyond, and of what is no request; the format is the one of sample.ts. @module */

/** Requests that are refused as a whole, and those that just are not. */
export const LIMITED_REQUESTS = String.raw`
# a request line at the limit
~ maxStartLine=20
> GET /123456 HTTP/1.1
> Host: a.test
>
= head GET /123456 origin 1.1 none keep host:a.test
= end

# a request line above the limit
~ maxStartLine=20
> GET /1234567 HTTP/1.1
! ERR_HTTP_START_LINE_TOO_LONG

# a target without end
>> GET /\9000*a
! ERR_HTTP_START_LINE_TOO_LONG

# a method without end
>> \9000*A
! ERR_HTTP_METHOD_TOO_LONG

# fields at the limit
~ maxFields=2
> GET / HTTP/1.1
> Host: a.test
> A: b
>
= head GET / origin 1.1 none keep host:a.test
= end

# fields above the limit
~ maxFields=2
> GET / HTTP/1.1
> Host: a.test
> A: b
> C: d
! ERR_HTTP_HEAD_TOO_LARGE

# a head at the limit
~ maxHead=36
> GET / HTTP/1.1
> Host: a.test
> A: b
>
= head GET / origin 1.1 none keep host:a.test
= end

# a head above the limit
~ maxHead=35
> GET / HTTP/1.1
> Host: a.test
> A: b
>
! ERR_HTTP_HEAD_TOO_LARGE

# a field line without end
> GET / HTTP/1.1
>> A: \17000*b
! ERR_HTTP_HEAD_TOO_LARGE

# a field name without end
> GET / HTTP/1.1
>> \17000*b
! ERR_HTTP_HEAD_TOO_LARGE

# content at the limit
~ maxBody=3
> POST / HTTP/1.1
> Host: a.test
> Content-Length: 3
>
>> abc
= head POST / origin 1.1 3 bytes keep host:a.test
= body abc
= end

# content above the limit is refused by the head
~ maxBody=3
> POST / HTTP/1.1
> Host: a.test
> Content-Length: 4
>
! ERR_HTTP_BODY_TOO_LARGE

# the largest length there is
> POST / HTTP/1.1
> Host: a.test
> Content-Length: 9007199254740991
>
! ERR_HTTP_BODY_TOO_LARGE

# zeros before a length
> POST / HTTP/1.1
> Host: a.test
> Content-Length: 0002
>
>> ab
= head POST / origin 1.1 2 bytes keep host:a.test
= body ab
= end

# nothing is told behind a violation
> GET / HTTP/2.0
> Host: a.test
>
> GET / HTTP/1.1
> Host: a.test
>
$
! ERR_HTTP_VERSION

# the preface of HTTP/2
> PRI * HTTP/2.0
>
> SM
>
! ERR_HTTP_NOT_HTTP

# the first bytes of TLS
>> \x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03
! ERR_HTTP_NOT_HTTP

# the first bytes of SSL 2
>> \x80\x2e\x01\x00\x02
! ERR_HTTP_NOT_HTTP
`;
