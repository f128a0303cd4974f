/** Samples of requests; the format is the one of sample.ts. @module */

/** Whole requests with the events that they make. */
export const REQUESTS = String.raw`
# the least request
> GET / HTTP/1.1
> Host: a.test
>
= head GET / origin 1.1 none keep host:a.test
= field Host: a.test
= end

# fields keep letters, order and repetition
> GET /a/b?c=d&e=%20 HTTP/1.1
> hOsT:a.test
> X-One: 1
> x-one:\t 2 \t
> Empty:
> Blank:\x20\t\x20
> Obs: caf\xe9\xff
> Inner: a \t b
>
= head GET /a/b?c=d&e=%20 origin 1.1 none keep host:a.test
= field hOsT: a.test
= field X-One: 1
= field x-one: 2
= field Empty:\x20
= field Blank:\x20
= field Obs: caf\xe9\xff
= field Inner: a \t b
= end

# every letter of a token
> !#$%&'*+-.^_\x60|~09azAZ / HTTP/1.1
> Host: a.test
> !#$%&'*+-.^_\x60|~09azAZ: x
>
= head !#$%&'*+-.^_\x60|~09azAZ / origin 1.1 none keep host:a.test
= field Host: a.test
= field !#$%&'*+-.^_\x60|~09azAZ: x
= end

# methods are case-sensitive and any token
> get / HTTP/1.1
> Host: a.test
>
> BREW / HTTP/1.1
> Host: a.test
>
= head get / origin 1.1 none keep host:a.test
= end
= head BREW / origin 1.1 none keep host:a.test
= end

# one empty line before a request is skipped
>
> GET / HTTP/1.1
> Host: a.test
>
= head GET / origin 1.1 none keep host:a.test
= end

# empty lines between requests are skipped
> GET /1 HTTP/1.1
> Host: a.test
>
>
>
> GET /2 HTTP/1.1
> Host: a.test
>
= head GET /1 origin 1.1 none keep host:a.test
= end
= head GET /2 origin 1.1 none keep host:a.test
= end

# eight empty lines are skipped
>> \8*\r\n
> GET / HTTP/1.1
> Host: a.test
>
= head GET / origin 1.1 none keep host:a.test
= end

# more empty lines are refused
>> \9*\r\n
> GET / HTTP/1.1
! ERR_HTTP_INVALID_START_LINE

# empty lines and nothing else are idle
>
>
$

# pipelined requests
> GET /1 HTTP/1.1
> Host: a.test
>
> POST /2 HTTP/1.1
> Host: a.test
> Content-Length: 3
>
>> abc
> HEAD /3 HTTP/1.1
> Host: a.test
>
> POST /4 HTTP/1.1
> Host: a.test
> Transfer-Encoding: chunked
>
> 2
> de
> 0
>
> GET /5 HTTP/1.1
> Host: a.test
>
= head GET /1 origin 1.1 none keep host:a.test
= end
= head POST /2 origin 1.1 3 bytes keep host:a.test
= body abc
= end
= head HEAD /3 origin 1.1 none keep host:a.test
= end
= head POST /4 origin 1.1 chunked keep host:a.test
= body de
= end
= head GET /5 origin 1.1 none keep host:a.test
= end

# a higher minor version counts as 1.1
> GET / HTTP/1.9
> Host: a.test
>
= head GET / origin 1.1 none keep host:a.test
= end

# HTTP/1.0 needs no Host and ends the connection
> GET / HTTP/1.0
>
= head GET / origin 1.0 none drop
= end

# HTTP/1.0 with keep-alive
> GET / HTTP/1.0
> Connection: Keep-Alive
>
= head GET / origin 1.0 none keep
= end

# HTTP/1.0 with keep-alive among others
> GET / HTTP/1.0
> Connection: x,\tKEEP-alive , y
>
= head GET / origin 1.0 none keep
= end

# HTTP/1.0 has a length too
> POST / HTTP/1.0
> Content-Length: 2
>
>> ab
= head POST / origin 1.0 2 bytes drop
= body ab
= end

# HTTP/1.0 does not know Expect nor Upgrade
> POST / HTTP/1.0
> Expect: 100-continue
> Connection: upgrade
> Upgrade: websocket
> Content-Length: 2
>
>> ab
= head POST / origin 1.0 2 bytes drop
= body ab
= end

# close ends the connection
> GET / HTTP/1.1
> Host: a.test
> Connection: close
>
= head GET / origin 1.1 none drop host:a.test
= end

# close in any case, in a list, over lines
> GET / HTTP/1.1
> Host: a.test
> Connection: x
> Connection: y, ,\tCLOSE
>
= head GET / origin 1.1 none drop host:a.test
= end

# close outweighs keep-alive
> GET / HTTP/1.0
> Connection: keep-alive, close
>
= head GET / origin 1.0 none drop
= end

# other words do not close
> GET / HTTP/1.1
> Host: a.test
> Connection: closed, not-close, "close"
>
= head GET / origin 1.1 none keep host:a.test
= end

# upgrade
> GET /chat HTTP/1.1
> Host: a.test
> Connection: keep-alive, Upgrade
> Upgrade: websocket, foo/2
>
= head GET /chat origin 1.1 none keep host:a.test upgrade:websocket, foo/2
= end

# upgrade over lines
> GET /chat HTTP/1.1
> Upgrade: a
> Host: a.test
> Connection: upgrade
> Upgrade: b
>
= head GET /chat origin 1.1 none keep host:a.test upgrade:a, b
= end

# upgrade that Connection does not name is not heard
> GET /chat HTTP/1.1
> Host: a.test
> Upgrade: websocket
>
= head GET /chat origin 1.1 none keep host:a.test
= end

# expectation with a length
> POST / HTTP/1.1
> Host: a.test
> Expect: 100-Continue
> Content-Length: 1
>
>> x
= head POST / origin 1.1 1 bytes keep host:a.test expects
= body x
= end

# expectation with chunks
> POST / HTTP/1.1
> Host: a.test
> Expect: 100-continue
> Transfer-Encoding: chunked
>
> 0
>
= head POST / origin 1.1 chunked keep host:a.test expects
= end

# expectation without content is not heard
> POST / HTTP/1.1
> Host: a.test
> Expect: 100-continue
> Content-Length: 0
>
= head POST / origin 1.1 0 bytes keep host:a.test
= end

# an unknown expectation
> POST / HTTP/1.1
> Host: a.test
> Expect: 200-ok
> Content-Length: 1
>
! ERR_HTTP_EXPECTATION

# an expectation besides 100-continue
> POST / HTTP/1.1
> Host: a.test
> Expect: 100-continue, tea
> Content-Length: 1
>
! ERR_HTTP_EXPECTATION

# content in a GET
> GET / HTTP/1.1
> Host: a.test
> Content-Length: 5
>
>> hello
= head GET / origin 1.1 5 bytes keep host:a.test
= body hello
= end

# content of any bytes
> POST / HTTP/1.1
> Host: a.test
> Content-Length: 6
>
>> \x00\r\n\r\n\xff
= head POST / origin 1.1 6 bytes keep host:a.test
= body \x00\r\n\r\n\xff
= end

# content cut off
> POST / HTTP/1.1
> Host: a.test
> Content-Length: 6
>
>> abc
$
= head POST / origin 1.1 6 bytes keep host:a.test
= body abc
! ERR_HTTP_INCOMPLETE

# head cut off in the start line
>> GET / HT
$
! ERR_HTTP_INCOMPLETE

# head cut off behind the start line
> GET / HTTP/1.1
$
! ERR_HTTP_INCOMPLETE

# head cut off before the last line feed
> GET / HTTP/1.1
> Host: a.test
>> \r
$
! ERR_HTTP_INCOMPLETE

# the end between requests
> GET / HTTP/1.1
> Host: a.test
>
$
= head GET / origin 1.1 none keep host:a.test
= end

# nothing at all
$
`;
