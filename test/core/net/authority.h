// Certificates made on the spot.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <string>

#include "core/net/server.h"
#include "test/support/scratch.h"

namespace lt::net {

// A certificate authority in a temporary folder, with the certificates it signs.
class Authority {
 public:
  explicit Authority(const std::string& name) : name_(name) {
    key_ = EVP_EC_gen("P-256");
    root_ = make(name, key_, {}, true);
    save(ca_file(), root_);
  }
  ~Authority() {
    X509_free(root_);
    EVP_PKEY_free(key_);
  }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  std::string ca_file() const { return folder_.path() + "/ca.pem"; }
  std::string certificate(const std::string& who) const { return folder_.path() + "/" + who + ".pem"; }
  std::string key(const std::string& who) const { return folder_.path() + "/" + who + ".key"; }

  // `names`: as in subjectAltName, e.g. "IP:127.0.0.1".
  void issue(const std::string& who, const std::string& names) {
    EVP_PKEY* own = EVP_EC_gen("P-256");
    X509* made = make(who, own, names, false);
    save(certificate(who), made);
    FILE* out = std::fopen(key(who).c_str(), "w");
    PEM_write_PrivateKey(out, own, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_free(made);
    EVP_PKEY_free(own);
  }

 private:
  void extend(X509* to, int kind, const char* value) const {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, root_ ? root_ : to, to, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
    X509_add_ext(to, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509* make(const std::string& who, EVP_PKEY* own, const std::string& names, bool ca) {
    X509* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 86'400);
    X509_NAME* subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(who.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(made, ca ? subject : X509_get_subject_name(root_));
    X509_set_pubkey(made, own);
    extend(made, NID_basic_constraints, ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!names.empty()) extend(made, NID_subject_alt_name, names.c_str());
    X509_sign(made, key_, EVP_sha256());
    return made;
  }
  static void save(const std::string& path, X509* certificate) {
    FILE* out = std::fopen(path.c_str(), "w");
    PEM_write_X509(out, certificate);
    std::fclose(out);
  }

  std::string name_;
  test::Scratch folder_;
  EVP_PKEY* key_ = nullptr;
  X509* root_ = nullptr;
  long serial_ = 0;
};

inline ServerOptions secure(const Authority& authority, const std::string& who, bool client_certificates = false) {
  ServerOptions options;
  options.tls.certificate_file = authority.certificate(who);
  options.tls.key_file = authority.key(who);
  if (client_certificates) options.tls.client_ca_file = authority.ca_file();
  return options;
}

}  // namespace lt::net
