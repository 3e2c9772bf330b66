#include "pki/cross.h"

#include <ctime>

#include "pki/request.h"
#include "tests/pki/fixture.h"

namespace {

using namespace pki_test;
using base::Code;

/// A root in files, made by the openssl program, which answers the issuing key's request.
struct cross : Pki {
    cross() {
        make_root("root", "/O=Root of all/CN=Root CA", "critical,CA:TRUE,pathlen:2", "critical,keyCertSign,cRLSign");
        auto request = pki::build_request(anchor.subject(), anchor.spki(), issuing);
        if (!request) throw std::runtime_error(request.error().message);
        file("request.pem", request->pem());
    }
    void make_root(const std::string& name, const std::string& subject, const std::string& constraints, const std::string& usage) const {
        run("req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 100 -keyout " + path(name + ".key") + " -out " + path(name + ".pem") + " -subj '" + subject +
            "' -addext basicConstraints=" + constraints + " -addext keyUsage=" + usage);
    }
    std::string path(const std::string& name) const { return folder + "/" + name; }
    std::string text(const std::string& name) const {
        std::ifstream in(path(name));
        return std::string(std::istreambuf_iterator<char>(in), {});
    }
    static void run(const std::string& arguments) {
        if (const Run ran = openssl(arguments); ran.code != 0) throw std::runtime_error(arguments + ": " + ran.text);
    }
    std::string key_id() const { return base::to_hex(anchor.subject_key_id()); }
    std::string extensions(const std::string& constraints = "critical,CA:TRUE,pathlen:1", const std::string& usage = "critical,keyCertSign,cRLSign", std::string id = "") const {
        if (id.empty()) id = key_id();
        return "basicConstraints=" + constraints + "\nkeyUsage=" + usage + "\nsubjectKeyIdentifier=" + id + "\nauthorityKeyIdentifier=keyid\n";
    }
    /// What `root` issues for a request.
    std::string certify(const std::string& ext, const std::string& request = "request.pem", const std::string& root = "root") const {
        file("ext", ext);
        run("x509 -req -days 50 -in " + path(request) + " -CA " + path(root + ".pem") + " -CAkey " + path(root + ".key") + " -extfile " + path("ext") + " -out " + path("out.pem"));
        return text("out.pem");
    }
    base::Result<pki::CrossCertificate> verify(const std::string& pem, const std::string& root = "root", base::Millis later = 0) const {
        return pki::verify_cross(pem, text(root + ".pem"), anchor, static_cast<base::Millis>(std::time(nullptr)) * base::kSecond + later);
    }
};

TEST_F(cross, certificate_of_the_root_lets_what_the_anchor_issued_chain_to_the_root) {
    const auto found = verify(certify(extensions()));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->pem(), text("out.pem"));
    EXPECT_EQ(found->root_pem(), text("root.pem"));
    const auto again = pki::read_cross(found->der, found->root);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->not_after, found->not_after);
    const std::string leaf = file("leaf.pem", make_identity().pem());
    const auto judged = openssl("verify -x509_strict -CAfile " + path("root.pem") + " -untrusted " + path("out.pem") + at_now() + leaf);
    // The root is younger than the fixture's time: openssl minds nothing else.
    EXPECT_TRUE(judged.code == 0 || has(judged.text, "not yet valid")) << judged.text;
    const auto by_clock = openssl("verify -x509_strict -no_check_time -CAfile " + path("root.pem") + " -untrusted " + path("out.pem") + " " + leaf);
    EXPECT_EQ(by_clock.code, 0) << by_clock.text;
}

TEST_F(cross, certificate_of_another_key_or_name_is_refused) {
    TestKey other = TestKey::p256();
    const auto foreign = pki::build_request(anchor.subject(), other.spki(), other);
    file("foreign.pem", foreign->pem());
    EXPECT_EQ(verify(certify(extensions(), "foreign.pem")).error().code, Code::refused);
    const auto renamed = pki::build_request(subject(model::UkeyKind::master_control, "M-2"), anchor.spki(), issuing);
    file("renamed.pem", renamed->pem());
    const auto by_name = verify(certify(extensions(), "renamed.pem"));
    EXPECT_EQ(by_name.error().code, Code::refused);
    EXPECT_TRUE(has(by_name.error().message, "another subject than")) << by_name.error().message;
    const auto by_id = verify(certify(extensions("critical,CA:TRUE,pathlen:1", "critical,keyCertSign,cRLSign", "hash")));
    EXPECT_EQ(by_id.error().code, Code::refused);
    EXPECT_TRUE(has(by_id.error().message, "subject key id")) << by_id.error().message;
}

TEST_F(cross, certificate_that_may_not_do_what_the_anchor_does_or_may_do_more_is_refused) {
    for (const char* constraints : {"critical,CA:FALSE", "critical,CA:TRUE", "critical,CA:TRUE,pathlen:0", "critical,CA:TRUE,pathlen:2"})
        EXPECT_EQ(verify(certify(extensions(constraints))).error().code, Code::refused) << constraints;
    for (const char* usage : {"critical,keyCertSign", "critical,cRLSign", "critical,keyCertSign,cRLSign,digitalSignature"})
        EXPECT_EQ(verify(certify(extensions("critical,CA:TRUE,pathlen:1", usage))).error().code, Code::refused) << usage;
}

TEST_F(cross, certificate_from_another_root_is_refused) {
    const std::string pem = certify(extensions());
    make_root("twin", "/O=Root of all/CN=Root CA", "critical,CA:TRUE,pathlen:2", "critical,keyCertSign,cRLSign");
    EXPECT_EQ(verify(pem, "twin").error().code, Code::key_invalid);
    make_root("leaf", "/O=Root of all/CN=Root CA", "critical,CA:FALSE", "critical,digitalSignature");
    EXPECT_EQ(verify(pem, "leaf").error().code, Code::refused);
    make_root("short", "/O=Short/CN=Root", "critical,CA:TRUE,pathlen:1", "critical,keyCertSign");
    const auto too_deep = verify(certify(extensions(), "request.pem", "short"), "short");
    EXPECT_EQ(too_deep.error().code, Code::refused) << too_deep.error().message;
    EXPECT_TRUE(has(too_deep.error().message, "path length")) << too_deep.error().message;
    file("anchor.pem", anchor.pem());
    EXPECT_EQ(verify(anchor.pem(), "anchor").error().code, Code::refused);
    EXPECT_EQ(verify(pem, "anchor").error().code, Code::refused);
}

TEST_F(cross, certificate_outside_its_time_or_its_roots_is_refused) {
    const std::string pem = certify(extensions());
    EXPECT_TRUE(verify(pem, "root", 49 * base::kDay));
    EXPECT_EQ(verify(pem, "root", 51 * base::kDay).error().code, Code::expired);
    EXPECT_EQ(verify(pem, "root", -base::kDay).error().code, Code::expired);
}

TEST_F(cross, certificate_changed_in_any_byte_is_refused) {
    const auto good = verify(certify(extensions()));
    ASSERT_TRUE(good);
    for (std::size_t i = 0; i < good->der.size(); i += 3) {
        pki::CrossCertificate changed = *good;
        changed.der[i] ^= 0x04;
        EXPECT_FALSE(verify(changed.pem())) << "byte " << i;
    }
    for (const std::string& text : {std::string(), std::string("no PEM"), text("root.key"), text("root.pem") }) EXPECT_FALSE(verify(text));
    EXPECT_EQ(pki::read_cross({}, good->root).error().code, Code::malformed);
}

}  // namespace
