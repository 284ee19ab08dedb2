use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::{MchId, OutTradeNo, RefundRequestId, Secret, time::Timestamp};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use wechat_pay::v2;

use crate::Error;
use crate::backend::{self, Backend};
use crate::books::Books;
use crate::certificates::{Authority, ClientCertificate, Files};
use crate::control::{self, Stage};
use crate::faults::{FaultBoard, Faults};
use crate::gateway::tls::Acceptor;
use crate::gateway::{Courier, Gateway, Notification, PaymentMade};
use crate::history;
use crate::identity::Identity;
use crate::life::{Life, Paying, Placed, Wishes};
use crate::serve::{Transport, serve};

/// How a sandbox starts.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the gateway listens; port 0 takes a free one. The backend takes a free port of the same host.
    pub gateway_listen: SocketAddr,
    /// The same seed is the same shop: its numbers, keys and orders. Certificates are made anew at each start.
    pub seed: u64,
    /// Orders that were placed before the start, over the last seven days.
    pub orders: u32,
    /// New orders a minute on average; 0 for none by themselves.
    pub rate_per_minute: f64,
    /// Where the certificates are written: `ca.pem`, `apiclient_cert.pem`, `apiclient_key.pem`,
    /// `apiclient_cert.p12`. Made if missing; the two with the key are readable by the user alone.
    pub folder: PathBuf,
}

/// A running WeChat and demo shop. Dropping it stops both.
pub struct Sandbox {
    identity: Arc<Identity>,
    authority: Authority,
    files: Files,
    faults: Arc<FaultBoard>,
    gateway: Arc<Gateway>,
    backend: Arc<Backend>,
    life: Arc<Life>,
    gateway_address: SocketAddr,
    tasks: JoinSet<()>,
}

impl Sandbox {
    /// Starts both servers; when this returns they answer.
    ///
    /// Fails when the folder cannot be written or an address cannot be listened on.
    pub async fn start(options: Options) -> Result<Sandbox, Error> {
        Sandbox::start_at(options, Timestamp::now()).await
    }

    /// The same, with a past that ends at `now`.
    pub(crate) async fn start_at(options: Options, now: Timestamp) -> Result<Sandbox, Error> {
        let identity = Arc::new(identity(options.seed));
        let faults = Arc::new(FaultBoard::default());
        let authority = Authority::new(now)?;
        let files = authority.write(&options.folder, &identity.mch_id)?;

        let (gateway_listener, gateway_address) = listen(options.gateway_listen).await?;
        let (backend_listener, backend_address) =
            listen(SocketAddr::new(options.gateway_listen.ip(), 0)).await?;
        let acceptor = Acceptor::new(&authority, gateway_address.ip())?;

        let (notices, to_carry) = mpsc::unbounded_channel();
        let (observed, to_verify) = mpsc::unbounded_channel();
        let gateway = Arc::new(Gateway::new(identity.clone(), faults.clone(), options.seed, notices));
        let wechat = wechat_client(&identity, &authority, gateway_address)?;
        let backend =
            Arc::new(Backend::new(identity.clone(), faults.clone(), wechat, backend_address, observed));
        history::write(&backend, &gateway, options.seed, options.orders, now);

        let life = Arc::new(Life::new(backend.clone(), gateway.clone(), options.seed));
        let stage = Stage { backend: backend.clone(), gateway: gateway.clone(), life: life.clone() };
        let shop = control::router(stage).merge(backend.clone().router());
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(gateway_listener, Transport::Tls(acceptor), gateway.clone().router()));
        tasks.spawn(serve(backend_listener, Transport::Plain, shop));
        tasks.spawn(gateway.clone().run_treasury());
        tasks.spawn(Courier::new(http_client(&authority)?, to_carry).run());
        tasks.spawn(backend::verify_observed(backend.clone(), to_verify));
        if options.rate_per_minute > 0.0 {
            tasks.spawn(life.clone().run(options.rate_per_minute));
        }
        Ok(Sandbox { identity, authority, files, faults, gateway, backend, life, gateway_address, tasks })
    }

    /// What a console needs to connect: the connection JSON of the product sheet, section 6, with absolute paths.
    /// It holds the shop's secrets.
    pub fn connection(&self) -> Value {
        let Identity { shop_id, shop_name, app_id, mch_id, api_v2_key, token, .. } = &*self.identity;
        json!({
            "shop": { "id": shop_id, "name": shop_name },
            "backend": { "base_url": self.backend_url(), "token": token.expose(), "ca_file": null },
            "wechat_pay": {
                "api": "v2",
                "base_url": self.gateway_url(),
                "ca_file": self.files.ca,
                "app_id": app_id,
                "mch_id": mch_id,
                "api_v2_key": api_v2_key.expose(),
                "sign_type": "MD5",
                "api_v3_key": null,
                "merchant_serial": null,
                "public_key_id": null,
                "public_key_file": null,
                "cert_file": self.files.cert,
                "key_file": self.files.key,
                "p12_file": self.files.p12,
            },
        })
    }

    /// Where the gateway is: `https://127.0.0.1:2345`.
    pub fn gateway_url(&self) -> String {
        format!("https://{}", self.gateway_address)
    }

    /// Where the contract begins: `http://127.0.0.1:1234/merchant/v1`.
    pub fn backend_url(&self) -> String {
        self.backend.base_url()
    }

    /// The shop's HMAC credential (contract R10): key id and secret.
    pub fn hmac_credential(&self) -> (String, Secret<String>) {
        (self.identity.hmac_key_id.clone(), self.identity.hmac_secret.clone())
    }

    /// Every fen that moved so far.
    pub fn books(&self) -> Books {
        self.gateway.books()
    }

    /// The switches as they stand now; counted ones show what is left.
    pub fn faults(&self) -> Faults {
        self.faults.get()
    }

    /// Sets all switches.
    pub fn set_faults(&self, faults: Faults) {
        self.faults.set(faults);
    }

    /// A buyer places an order and pays it; returns when the feed has told of the payment.
    ///
    /// Fails when WeChat's side of the sandbox does not answer, or the notice does not come within ten seconds (a fault
    /// that drops it makes the payment one that nobody was told of, which is no failure).
    pub async fn place_order(&self, wishes: Wishes) -> Result<Placed, Error> {
        self.life.order(wishes, Paying::Told).await
    }

    /// The buyer of one of the newest orders asks for money back, with a reason.
    ///
    /// Fails with [`Error::NothingToRefund`] when there is no order of late that somebody could regret.
    pub fn ask_for_refund(&self) -> Result<RefundRequestId, Error> {
        self.life.ask_back_by_chance().map(|request| request.id)
    }

    /// A buyer pays a prepaid order.
    ///
    /// Fails when WeChat does not know the number or the order is not open.
    pub fn pay(&self, out_trade_no: &OutTradeNo, notification: Notification) -> Result<PaymentMade, Error> {
        self.gateway.pay(out_trade_no, notification)
    }

    /// A client certificate of the sandbox's authority for any merchant number, for tests of the wrong one.
    pub fn certificate_for(&self, mch_id: &MchId) -> Result<ClientCertificate, Error> {
        self.authority.client(mch_id)
    }

    /// Puts the shop's clock ahead of the world's, for tests of claims that run out.
    pub fn set_backend_clock_ahead(&self, ahead: Duration) {
        self.backend.set_clock_ahead(i64::try_from(ahead.as_secs()).unwrap_or(i64::MAX));
    }

    /// Stops both servers; their connections end with them.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }
}

#[expect(clippy::expect_used, reason = "letters and digits made here are ids by the patterns of the types")]
fn identity(seed: u64) -> Identity {
    Identity::from_seed(seed).expect("letters and digits are ids")
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let mut bound = listener.local_addr().map_err(failed)?;
    if bound.ip().is_unspecified() {
        // "Every address" is none to connect to.
        bound.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Ok((listener, bound))
}

fn wechat_client(
    identity: &Identity,
    authority: &Authority,
    gateway: SocketAddr,
) -> Result<v2::Client, Error> {
    let base_url = format!("https://{gateway}").parse().map_err(|source| Error::Address { source })?;
    v2::Client::new(v2::Config {
        base_url,
        extra_root_pem: Some(authority.pem().as_bytes().to_vec()),
        app_id: identity.app_id.clone(),
        mch_id: identity.mch_id.clone(),
        api_v2_key: identity.api_v2_key.clone(),
        sign_type: v2::SignType::Md5,
        certificate: None,
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(10),
    })
    .map_err(|source| Error::WechatPay { source })
}

/// The gateway's own client, for notices. It trusts the sandbox's authority alone.
fn http_client(authority: &Authority) -> Result<reqwest::Client, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).map_err(|source| Error::Tls { source })?;
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|source| Error::Tls { source })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|source| Error::HttpClient { source })
}
