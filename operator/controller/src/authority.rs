//! The cluster's certificate authority: keys, certificates, and what can be seen of them.
//!
//! In: Secrets, orders, the time. Out: Secrets' data, and views for the plan. Never here: when.
//!
//! Keys exist here and in the Secrets alone; they are never logged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use operator_plan::cluster::{Authority, CertificateOrder, CertificateView, Certificates};
use operator_plan::{Known, names};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
};
use sha2::{Digest, Sha256};
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::pem::Pem;
use x509_parser::prelude::{AttributeTypeAndValue, X509Certificate};

use crate::error::Error;

/// The trust bundle, in every Secret.
const BUNDLE: &str = "ca.crt";
/// The authority's key, in its Secret alone.
const AUTHORITY_KEY: &str = "ca.key";
const AUTHORITY_LIFE: Duration = Duration::from_secs(3650 * 24 * 3600);
const CERTIFICATE_LIFE: Duration = Duration::from_secs(90 * 24 * 3600);
/// Clocks differ: a certificate is valid a little before it was made.
const BACKDATED: Duration = Duration::from_secs(3600);

type Data = BTreeMap<String, ByteString>;

/// PEM of a certificate and its key.
pub(crate) struct Identity {
    pub(crate) authority: String,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// Makes an authority. Returns its Secret's data.
pub(crate) fn make_authority(cluster: &str, now: Timestamp) -> Result<Data, Error> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = subject("Tidemill", &format!("{cluster} cluster CA"));
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_life(&mut parameters, now, AUTHORITY_LIFE);
    let make = || {
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
        Ok(Data::from([
            (BUNDLE.to_owned(), ByteString(issuer.pem().into_bytes())),
            (
                AUTHORITY_KEY.to_owned(),
                ByteString(issuer.key().serialize_pem().into_bytes()),
            ),
        ]))
    };
    make().map_err(|source| Error::MakeCertificates { source })
}

/// Issues what was ordered. Returns the Secret's data.
pub(crate) fn issue(
    authority: &Secret,
    order: &CertificateOrder,
    now: Timestamp,
) -> Result<Data, Error> {
    let mut data = Data::new();
    for (pod, (node_id, hosts)) in &order.pods {
        let name = names::common_name(*node_id);
        let identity = issue_one(authority, &order.cluster_id, &name, hosts.clone(), now)?;
        let bytes = |text: String| ByteString(text.into_bytes());
        data.insert(BUNDLE.to_owned(), bytes(identity.authority));
        data.insert(format!("{pod}.crt"), bytes(identity.certificate));
        data.insert(format!("{pod}.key"), bytes(identity.key));
    }
    Ok(data)
}

/// Issues a certificate for both ends of a connection.
pub(crate) fn issue_one(
    authority: &Secret,
    organisation: &str,
    name: &str,
    hosts: Vec<String>,
    now: Timestamp,
) -> Result<Identity, Error> {
    let bundle = text(authority, BUNDLE)?;
    let key = text(authority, AUTHORITY_KEY)?;
    let make = || {
        let issuer = Issuer::from_ca_cert_pem(&bundle, KeyPair::from_pem(&key)?)?;
        let mut parameters = CertificateParams::new(hosts)?;
        parameters.distinguished_name = subject(organisation, name);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        parameters.use_authority_key_identifier_extension = true;
        set_life(&mut parameters, now, CERTIFICATE_LIFE);
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &issuer)?;
        Ok((certificate.pem(), key.serialize_pem()))
    };
    let (certificate, key) = make().map_err(|source| Error::MakeCertificates { source })?;
    Ok(Identity {
        authority: bundle,
        certificate,
        key,
    })
}

fn subject(organisation: &str, name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::OrganizationName, organisation);
    subject.push(DnType::CommonName, name);
    subject
}

fn set_life(parameters: &mut CertificateParams, now: Timestamp, life: Duration) {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let now = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds);
    parameters.not_before = now - BACKDATED;
    parameters.not_after = now + life;
}

fn text(secret: &Secret, key: &str) -> Result<String, Error> {
    let name = secret.metadata.name.clone().unwrap_or_default();
    let bad = |what: String| Error::BadSecret { name, what };
    let bytes = secret.data.as_ref().and_then(|it| it.get(key));
    let Some(bytes) = bytes else {
        return Err(bad(format!("it has no `{key}`")));
    };
    String::from_utf8(bytes.0.clone()).map_err(|_| bad(format!("`{key}` is not text")))
}

/// What can be seen of the authority's Secret, or why it cannot be used.
pub(crate) fn view_authority(secret: &Secret) -> Known<Authority> {
    match read_authority(secret) {
        Ok(authority) => Known::Known(authority),
        Err(what) => Known::Unknown(what.to_owned()),
    }
}

fn read_authority(secret: &Secret) -> Result<Authority, &'static str> {
    let key = text(secret, AUTHORITY_KEY).map_err(|_| "it has no `ca.key` in PEM")?;
    let key = KeyPair::from_pem(&key).map_err(|_| "its `ca.key` is broken")?;
    let bundle = text(secret, BUNDLE).map_err(|_| "it has no `ca.crt` in PEM")?;
    let parsed = with_certificate(bundle.as_bytes(), |it, der| {
        let not_after = Timestamp::from_second(it.validity().not_after.timestamp()).ok()?;
        let authority = Authority {
            fingerprint: fingerprint(der),
            not_after,
            owners: secret.metadata.owner_references.clone().unwrap_or_default(),
        };
        let is_of_key = it.public_key().raw == key.subject_public_key_info();
        Some((authority, is_of_key))
    });
    match parsed {
        None => Err("its `ca.crt` is broken"),
        Some((_, false)) => Err("its `ca.key` is not that of its `ca.crt`"),
        Some((authority, true)) => Ok(authority),
    }
}

/// What can be seen of a Secret with brokers' certificates. What is broken is not seen, and so is
/// issued again.
pub(crate) fn view_certificates(secret: &Secret, authority: Option<&Secret>) -> Certificates {
    let data = secret.data.iter().flatten();
    let mut view = Certificates {
        trusted: fingerprints(secret),
        ..Certificates::default()
    };
    let issuer = authority.and_then(|it| {
        let bundle = text(it, BUNDLE).ok()?;
        with_certificate(bundle.as_bytes(), |it, der| {
            Some((subject_key(it)?, fingerprint(der)))
        })
    });
    for (key, bytes) in data {
        let Some(pod) = key.strip_suffix(".crt").filter(|_| key != BUNDLE) else {
            continue;
        };
        let has_key = secret
            .data
            .as_ref()
            .is_some_and(|it| it.contains_key(&format!("{pod}.key")));
        let seen = with_certificate(&bytes.0, |it, _| {
            let at = |it: x509_parser::time::ASN1Time| Timestamp::from_second(it.timestamp()).ok();
            let issuer = issuer
                .as_ref()
                .filter(|(key, _)| authority_key(it).as_ref() == Some(key));
            let text = |it: Option<&AttributeTypeAndValue<'_>>| Some(it?.as_str().ok()?.to_owned());
            Some(CertificateView {
                organisation: text(it.subject().iter_organization().next()),
                common_name: text(it.subject().iter_common_name().next()),
                dns_names: dns_names(it),
                not_before: at(it.validity().not_before)?,
                not_after: at(it.validity().not_after)?,
                issuer: issuer.map(|(_, fingerprint)| fingerprint.clone()),
            })
        });
        if let Some(seen) = seen.filter(|_| has_key) {
            view.by_pod.insert(pod.to_owned(), seen);
        }
    }
    view
}

/// Fingerprints of the authorities in a Secret's bundle.
fn fingerprints(secret: &Secret) -> BTreeSet<String> {
    let bundle = text(secret, BUNDLE).unwrap_or_default();
    Pem::iter_from_buffer(bundle.as_bytes())
        .flatten()
        .map(|it| fingerprint(&it.contents))
        .collect()
}

fn with_certificate<T>(
    pem: &[u8],
    read: impl Fn(&X509Certificate<'_>, &[u8]) -> Option<T>,
) -> Option<T> {
    let pem = Pem::iter_from_buffer(pem).next()?.ok()?;
    let certificate = pem.parse_x509().ok()?;
    read(&certificate, &pem.contents)
}

fn fingerprint(der: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(der) {
        write!(text, "{byte:02x}").expect("a String takes whatever is written to it");
    }
    text
}

fn dns_names(certificate: &X509Certificate<'_>) -> BTreeSet<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else {
        return BTreeSet::new();
    };
    let names = names.value.general_names.iter();
    names
        .filter_map(|it| {
            if let GeneralName::DNSName(name) = it {
                Some((*name).to_owned())
            } else {
                None
            }
        })
        .collect()
}

fn subject_key(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.extensions().iter().find_map(|it| {
        let ParsedExtension::SubjectKeyIdentifier(key) = it.parsed_extension() else {
            return None;
        };
        Some(key.0.to_vec())
    })
}

fn authority_key(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.extensions().iter().find_map(|it| {
        let ParsedExtension::AuthorityKeyIdentifier(key) = it.parsed_extension() else {
            return None;
        };
        Some(key.key_identifier.as_ref()?.0.to_vec())
    })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    use super::*;

    fn secret(name: &str, data: Data) -> Secret {
        let metadata = ObjectMeta {
            name: Some(name.to_owned()),
            ..ObjectMeta::default()
        };
        Secret {
            metadata,
            data: Some(data),
            ..Secret::default()
        }
    }

    fn good(authority: &Secret) -> Authority {
        view_authority(authority).known().unwrap().clone()
    }

    fn order() -> CertificateOrder {
        let hosts = vec!["demo-main-0.demo-brokers.shop.svc".to_owned()];
        CertificateOrder {
            metadata: ObjectMeta::default(),
            cluster_id: "4L6g3nShT-eMCtK--X86sw".to_owned(),
            pods: BTreeMap::from([("demo-main-0".to_owned(), (0, hosts))]),
        }
    }

    #[test]
    fn what_is_issued_is_seen_as_it_was_ordered() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let authority = secret("demo-ca", make_authority("demo", now).unwrap());
        let seen_authority = good(&authority);
        let issued = secret("demo-main-tls", issue(&authority, &order(), now).unwrap());
        let seen = view_certificates(&issued, Some(&authority));
        assert_eq!(
            seen.trusted,
            BTreeSet::from([seen_authority.fingerprint.clone()])
        );
        let certificate = &seen.by_pod["demo-main-0"];
        assert_eq!(
            certificate.organisation.as_deref(),
            Some("4L6g3nShT-eMCtK--X86sw")
        );
        assert_eq!(certificate.common_name.as_deref(), Some("broker-0"));
        assert_eq!(
            certificate.issuer.as_ref(),
            Some(&seen_authority.fingerprint)
        );
        assert!(
            certificate
                .dns_names
                .contains("demo-main-0.demo-brokers.shop.svc")
        );
        assert_eq!(
            certificate.not_after.as_second() - now.as_second(),
            90 * 24 * 3600
        );
        assert!(certificate.not_before < now);
    }

    #[test]
    fn a_certificate_of_another_authority_has_no_known_issuer() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let authority = secret("demo-ca", make_authority("demo", now).unwrap());
        let other = secret("demo-ca", make_authority("demo", now).unwrap());
        let issued = secret("demo-main-tls", issue(&other, &order(), now).unwrap());
        let seen = view_certificates(&issued, Some(&authority));
        assert_eq!(seen.by_pod["demo-main-0"].issuer, None);
        assert!(!seen.trusted.contains(&good(&authority).fingerprint));
    }

    #[test]
    fn what_is_broken_is_not_seen() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let authority = secret("demo-ca", make_authority("demo", now).unwrap());
        let mut data = issue(&authority, &order(), now).unwrap();
        data.insert(
            "demo-main-0.crt".to_owned(),
            ByteString(b"nonsense".to_vec()),
        );
        let seen = view_certificates(&secret("demo-main-tls", data.clone()), Some(&authority));
        assert_eq!(seen.by_pod.len(), 0);
        data.remove("demo-main-0.key");
        let seen = view_certificates(&secret("demo-main-tls", data), Some(&authority));
        assert_eq!(seen.by_pod.len(), 0);
    }

    #[test]
    fn an_authority_that_cannot_issue_is_broken() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let good = make_authority("demo", now).unwrap();
        let other = make_authority("demo", now).unwrap();
        let broken = |key: &str, bytes: Option<&ByteString>| {
            let mut data = good.clone();
            data.remove(key);
            data.extend(bytes.map(|it| (key.to_owned(), it.clone())));
            match view_authority(&secret("demo-ca", data)) {
                Known::Unknown(what) => what,
                Known::Known(_) => "it is good".to_owned(),
            }
        };
        let nonsense = ByteString(b"nonsense".to_vec());
        assert_eq!(broken("ca.crt", good.get("ca.crt")), "it is good");
        assert_eq!(broken("ca.key", None), "it has no `ca.key` in PEM");
        assert_eq!(broken("ca.crt", None), "it has no `ca.crt` in PEM");
        assert_eq!(broken("ca.key", Some(&nonsense)), "its `ca.key` is broken");
        assert_eq!(broken("ca.crt", Some(&nonsense)), "its `ca.crt` is broken");
        assert_eq!(
            broken("ca.key", other.get("ca.key")),
            "its `ca.key` is not that of its `ca.crt`"
        );
    }
}
