use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::Outcome;

/// A server whose certificate is signed by a root that no system knows; answers with an order. Returns that root too.
async fn start() -> (SocketAddr, String) {
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &root).unwrap();

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(socket).await else { continue };
            read_request(&mut stream).await;
            let order = example("Order");
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", order.len());
            stream.write_all(format!("{head}{order}").as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (address, root.pem())
}

#[tokio::test]
async fn an_additional_root_is_trusted() {
    let (address, root) = start().await;
    for host in [format!("127.0.0.1:{}", address.port()), format!("localhost:{}", address.port())] {
        let base_url = format!("https://{host}/merchant/v1").parse().unwrap();
        let extra_root_pem = Some(root.clone().into_bytes());
        let client = Client::new(Config { base_url, extra_root_pem, ..config(address) }).unwrap();
        assert_eq!(client.order(&order_id()).await.unwrap().version, 7, "{host}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_root_gets_no_token() {
    let (address, _) = start().await;
    let (_, other_root) = start().await;
    let base_url = format!("https://{address}/merchant/v1").parse().unwrap();
    let extra_root_pem = Some(other_root.into_bytes());
    let client = Client::new(Config { base_url, extra_root_pem, ..config(address) }).unwrap();
    let error = client.order(&order_id()).await.unwrap_err();
    assert_eq!((error.code(), error.outcome()), ("console:tls", Outcome::NotSent), "{error:?}");
}
