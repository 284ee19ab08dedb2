//! The loop under both servers: HTTP/1.1 with keep-alive over plain TCP or TLS, and the two ways of hanging up that
//! a handler may ask for.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::gateway::tls::{Acceptor, PeerCertificate};

/// What a handler returns to leave the caller without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HangUp {
    /// The connection ends in good order, with no byte of an answer.
    Close,
    /// The connection is reset.
    Reset,
}

impl IntoResponse for HangUp {
    fn into_response(self) -> axum::response::Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(self);
        response
    }
}

/// How connections are secured.
#[derive(Clone)]
pub(crate) enum Transport {
    /// Not at all: the demo backend on loopback (contract R11).
    Plain,
    /// By TLS; handlers find the peer's certificate as an extension of the request.
    Tls(Acceptor),
}

/// Serves `router` until the task is dropped, which drops every connection with it.
pub(crate) async fn serve(listener: TcpListener, transport: Transport, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Answers are small and awaited: Nagle's algorithm would hold them back for nothing.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(connection(stream, transport.clone(), router.clone()));
                }
                // Out of file handles, or a peer that was gone again: neither ends the server.
                Err(error) => {
                    tracing::debug!(%error, "a connection was not accepted");
                    tokio::task::yield_now().await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection(stream: TcpStream, transport: Transport, router: Router) {
    let reset = Arc::new(AtomicBool::new(false));
    let socket = Socket { stream, reset: reset.clone() };
    match transport {
        Transport::Plain => exchange(socket, PeerCertificate::Missing, reset, router).await,
        Transport::Tls(acceptor) => match acceptor.accept(socket).await {
            Ok((stream, peer)) => exchange(stream, peer, reset, router).await,
            Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
        },
    }
}

async fn exchange<S>(stream: S, peer: PeerCertificate, reset: Arc<AtomicBool>, router: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, reset) = (router.clone(), reset.clone());
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        async move {
            let response = router.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
            match response.extensions().get::<HangUp>() {
                None => Ok(response),
                Some(HangUp::Close) => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
                Some(HangUp::Reset) => {
                    reset.store(true, Ordering::Relaxed);
                    Err(io::Error::from(io::ErrorKind::ConnectionReset))
                }
            }
        }
    });
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// A socket that, when told so, is reset as it is dropped instead of closed.
pub(crate) struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // With nothing to linger for, closing sends RST in place of FIN.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
