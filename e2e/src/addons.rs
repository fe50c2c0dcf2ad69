//! What a bare Kubernetes lacks for applications: names of Services, and volumes.
//!
//! In: references of images. Out: manifests. Never here: applying them.

use crate::control_plane::SERVICE_OF_DNS;
use crate::images::AddonImages;

const DNS: &str = include_str!("addons/dns.yaml");
const STORAGE: &str = include_str!("addons/storage.yaml");

/// Deployments that are available when the addons work: namespace and name.
pub(crate) const DEPLOYMENTS: &[(&str, &str)] = &[
    ("kube-system", "coredns"),
    ("local-path-storage", "local-path-provisioner"),
];

/// The manifests of CoreDNS, of the local-path-provisioner and of its StorageClass.
pub(crate) fn manifests(images: &AddonImages) -> String {
    format!("{DNS}---\n{STORAGE}")
        .replace("SERVICE_OF_DNS", SERVICE_OF_DNS)
        .replace("IMAGE_COREDNS", &images.coredns.reference)
        .replace("IMAGE_BUSYBOX", &images.busybox.reference)
        .replace(
            "IMAGE_LOCAL_PATH_PROVISIONER",
            &images.local_path_provisioner.reference,
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Archive;

    #[test]
    fn no_name_of_an_image_is_left_open() {
        let archive = |name: &str| Archive {
            reference: format!("tidemill.local/{name}:1"),
            path: name.into(),
        };
        let text = manifests(&AddonImages {
            pause: archive("pause"),
            busybox: archive("busybox"),
            coredns: archive("coredns"),
            local_path_provisioner: archive("local-path-provisioner"),
        });
        assert!(
            !text.contains("IMAGE_") && !text.contains("SERVICE_OF_"),
            "{text}"
        );
        assert!(text.contains("image: tidemill.local/coredns:1"));
    }
}
