namespace K3sToken.Sandboxing;

/// <summary>What goes wrong with a request of any kind, or with the connection that it would come over.</summary>
public enum RequestFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A new connection is reset before anything is said over it.</summary>
    ResetAtOnce,

    /// <summary>A new connection is accepted, and then nothing is said over it.</summary>
    Mute,

    /// <summary>The TLS handshake ends with a fatal alert.</summary>
    TlsAlert,

    /// <summary>A new connection shows a server certificate that has expired.</summary>
    ExpiredCertificate,

    /// <summary>The connection is reset; the request is not carried out.</summary>
    ResetBeforeChange,

    /// <summary>The same, for a request over a connection that served another before.</summary>
    ResetOnReuse,

    /// <summary>The request is carried out, and the connection reset instead of an answer.</summary>
    ResetAfterChange,

    /// <summary>The request is carried out; the connection ends within the head of the answer.</summary>
    HalfHeader,

    /// <summary>The request is carried out; the connection ends in the middle of the answer's body.</summary>
    HalfBody,

    /// <summary>The request is carried out; the head of the answer comes byte by byte and has no end.</summary>
    SlowHeader,

    /// <summary>The request is carried out; the body of the answer comes byte by byte and has no end.</summary>
    SlowBody,

    /// <summary>The request is carried out; the body of the answer comes fast and has no end.</summary>
    EndlessBody,

    /// <summary>The request is carried out; the answer says that it is an image.</summary>
    WrongType,

    /// <summary>Something in between answers with a page that asks for a login, 200; the request is not carried out.</summary>
    WebPage,

    /// <summary>Something in between answers with a page, 502; the request is not carried out.</summary>
    BadGateway,

    /// <summary>The request is carried out; something in between has lost patience and answers with a page, 504.</summary>
    GatewayTimeout,

    /// <summary>301 to another host, over https; the request is not carried out.</summary>
    Redirect301,

    /// <summary>302 to another host, over https; the request is not carried out.</summary>
    Redirect302,

    /// <summary>307 to another host, over https; the request is not carried out.</summary>
    Redirect307,

    /// <summary>308 to another host, over https; the request is not carried out.</summary>
    Redirect308,

    /// <summary>301 to another host, over http; the request is not carried out.</summary>
    Redirect301ToHttp,

    /// <summary>302 to another host, over http; the request is not carried out.</summary>
    Redirect302ToHttp,

    /// <summary>307 to another host, over http; the request is not carried out.</summary>
    Redirect307ToHttp,

    /// <summary>308 to another host, over http; the request is not carried out.</summary>
    Redirect308ToHttp,

    /// <summary>401; the request is not carried out.</summary>
    Unauthorized,

    /// <summary>403; the request is not carried out.</summary>
    Forbidden,

    /// <summary>404 for the path, not for an object; the request is not carried out.</summary>
    NoSuchPath,

    /// <summary>409; the request is not carried out.</summary>
    Conflict,

    /// <summary>410; the request is not carried out.</summary>
    Gone,

    /// <summary>422, with words that quote the request; the request is not carried out.</summary>
    Invalid,

    /// <summary>429; the request is not carried out.</summary>
    Busy,

    /// <summary>429 with Retry-After: 1; the request is not carried out.</summary>
    BusyForASecond,

    /// <summary>500, with words that quote the request; the request is not carried out.</summary>
    ErrorBeforeChange,

    /// <summary>The request is carried out and answered 500, with words that quote it.</summary>
    ErrorAfterChange,

    /// <summary>503; the request is not carried out.</summary>
    Unavailable,

    /// <summary>503 with Retry-After: 1; the request is not carried out.</summary>
    UnavailableForASecond,

    /// <summary>The request is carried out and answered; then the server wants another connection (over HTTP/2, GOAWAY).</summary>
    GoAway,

    /// <summary>GOAWAY that says that the request was not looked at, which is so; over HTTP/1.1, the end of the connection.</summary>
    GoAwayUnheard,

    /// <summary>The server breaks all connections, this request's as well, and listens again a moment later.</summary>
    Restart,

    /// <summary>The datastore is compacted first: the server forgets the snapshots that listings read from.</summary>
    Compaction,
}

/// <summary>Which requests go wrong.</summary>
public enum FaultScope
{
    /// <summary>All.</summary>
    All,

    /// <summary>All but those for <c>/cacerts</c>, which anybody may read.</summary>
    Private,

    /// <summary>Those that are to change something.</summary>
    Changes,
}
