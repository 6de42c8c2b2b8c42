// TLS with certificates that the test makes.
#include "serve/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "serve/people_service.h"

namespace thorax::serve {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing_support::kPassword;

constexpr long kDay = 86'400;

/// A certificate of its own for 127.0.0.1, valid from and to so many days from now.
void write_certificate(const std::string& certificate, const std::string& key, long from = -1,
                       long to = 1) {
  EVP_PKEY* pair = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  X509* made = X509_new();
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  X509_gmtime_adj(X509_getm_notBefore(made), from * kDay);
  X509_gmtime_adj(X509_getm_notAfter(made), to * kDay);
  X509_set_pubkey(made, pair);
  X509_NAME* name = X509_get_subject_name(made);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
  X509_set_issuer_name(made, name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(made, names, -1);
  X509_sign(made, pair, EVP_sha256());
  BIO* file = BIO_new_file(certificate.c_str(), "w");
  PEM_write_bio_X509(file, made);
  BIO_free(file);
  file = BIO_new_file(key.c_str(), "w");
  PEM_write_bio_PrivateKey(file, pair, nullptr, nullptr, 0, nullptr, nullptr);
  BIO_free(file);
  X509_EXTENSION_free(names);
  X509_free(made);
  EVP_PKEY_free(pair);
}

class TlsTest : public testing_support::PeopleService {
 protected:
  TlsTest() {
    now = store::now_ms();
    options.certificate = (folder / "own.pem").string();
    options.key = (folder / "own.key").string();
    write_certificate(options.certificate, options.key);
  }
  std::string failure() {
    try {
      start();
    } catch (const Error& error) {
      return error.notice().id();
    }
    return "none";
  }
};

TEST_F(TlsTest, AnswersByTlsAlone) {
  options.address = "127.0.0.1";
  people->add("anna", store::Role::operating, false, kPassword);
  start();
  EXPECT_THAT(service->address(), testing::StartsWith("https://127.0.0.1:"));
  httplib::SSLClient secure("127.0.0.1", service->port());
  secure.set_ca_cert_path(options.certificate.c_str());
  secure.enable_server_certificate_verification(true);
  secure.set_keep_alive(true);
  const auto answer =
      secure.Post("/api/v1/session", json{{"user", "anna"}, {"password", kPassword}}.dump(),
                  "application/json");
  ASSERT_TRUE(answer) << httplib::to_string(answer.error());
  EXPECT_EQ(answer->status, 200);
  const std::string cookie = answer->get_header_value("Set-Cookie");
  EXPECT_THAT(cookie, testing::StartsWith("__Host-thorax="));
  EXPECT_THAT(cookie, HasSubstr("; Secure"));
  EXPECT_THAT(answer->get_header_value("Strict-Transport-Security"), HasSubstr("max-age"));
  const httplib::Headers headers{
      {"Cookie", cookie.substr(0, cookie.find(';'))},
      {"X-CSRF-Token", json::parse(answer->body)["csrf_token"].get<std::string>()}};
  // More than a buffer, both ways.
  const std::string content(3'000'000, 's');
  const auto study = secure.Post("/api/v1/studies?name=a.zip", headers, content, "application/zip");
  ASSERT_TRUE(study);
  ASSERT_EQ(study->status, 201) << study->body;
  const std::string id = json::parse(study->body)["id"];
  const auto file = secure.Get(("/api/v1/studies/" + id + "/file").c_str(), headers);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->body, content);
  httplib::Client plain("127.0.0.1", service->port());
  EXPECT_FALSE(plain.Get("/healthz"));
}

TEST_F(TlsTest, OtherAddressesMayBeListenedOn) {
  options.address = "0.0.0.0";
  EXPECT_EQ(failure(), "USERS_MISSING");
  people->add("anna", store::Role::viewer, false, kPassword);
  EXPECT_EQ(failure(), "none");
}

TEST_F(TlsTest, FilesThatCannotServeAreNamed) {
  const std::string certificate = options.certificate, key = options.key;
  options.key = (folder / "none.key").string();
  EXPECT_EQ(failure(), "TLS_FILE_UNUSABLE");
  options.key = "";
  EXPECT_EQ(failure(), "TLS_FILE_UNUSABLE");
  options.key = key;
  options.certificate = folder.write("text.pem", "no certificate").string();
  EXPECT_EQ(failure(), "TLS_FILE_UNUSABLE");
  options.certificate = (folder / "other.pem").string();
  options.key = (folder / "other.key").string();
  write_certificate(options.certificate, options.key);
  options.key = key;
  EXPECT_EQ(failure(), "TLS_MISMATCH");
  write_certificate(options.certificate, options.key, -3, -1);
  EXPECT_EQ(failure(), "TLS_NOT_VALID_NOW");
  write_certificate(options.certificate, options.key, 1, 3);
  EXPECT_EQ(failure(), "TLS_NOT_VALID_NOW");
  now += 2 * kDay * 1000;
  EXPECT_EQ(failure(), "none");
}

}  // namespace
}  // namespace thorax::serve
