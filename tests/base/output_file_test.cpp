// A file that stands under its name whole or not at all, whatever ends the writing.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/output_file.h"

namespace {

namespace fs = std::filesystem;

struct Folder {
    Folder() { EXPECT_NE(mkdtemp(path.data()), nullptr); }
    ~Folder() { fs::remove_all(path); }
    std::string path = "/tmp/kmp-out-XXXXXX";
    std::string file() const { return path + "/out"; }
    std::size_t entries() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator())); }
};

std::string content(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST(output_file, stands_there_once_it_is_finished_and_not_before) {
    const Folder folder;
    std::ofstream(folder.file()) << "old";
    auto out = base::OutputFile::open(folder.file(), 0600);
    ASSERT_TRUE(out);
    EXPECT_TRUE(out->add("new"));
    EXPECT_EQ(content(folder.file()), "old");
    EXPECT_TRUE(out->finish());
    EXPECT_EQ(content(folder.file()), "new");
    EXPECT_EQ(out->bytes(), 3u);
    EXPECT_EQ(folder.entries(), 1u);
}

TEST(output_file, that_was_not_finished_leaves_nothing) {
    const Folder folder;
    {
        auto out = base::OutputFile::open(folder.file(), 0600);
        ASSERT_TRUE(out);
        EXPECT_TRUE(out->add("half"));
    }
    EXPECT_EQ(folder.entries(), 0u);
}

TEST(output_file, leaves_nothing_when_a_signal_ends_the_program) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        const Folder folder;
        const pid_t child = fork();
        if (child == 0) {
            auto out = base::OutputFile::open(folder.file(), 0600);
            if (!out || !out->add("half") || fs::is_empty(folder.path)) _exit(7);
            (void)std::raise(signal);
            _exit(8);
        }
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << status;
        EXPECT_EQ(folder.entries(), 0u);
    }
}

TEST(output_file, says_in_a_line_that_there_is_no_room) {
    auto out = base::OutputFile::open("/dev/full", 0600);
    ASSERT_TRUE(out);
    const auto full = out->add("x");
    EXPECT_EQ(full.error().code, base::Code::storage_full);
    EXPECT_EQ(full.error().message.find('\n'), std::string::npos);
}

TEST(output_file, that_was_chosen_in_a_window_is_no_pipe_that_waits_for_a_reader) {
    const Folder folder;
    const std::string pipe = folder.path + "/pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    for (const std::string& name : {pipe, std::string("/dev/full"), folder.path}) EXPECT_EQ(base::OutputFile::open_file(name, 0600).error().code, base::Code::invalid_argument) << name;
    auto out = base::OutputFile::open_file(folder.file(), 0600);
    ASSERT_TRUE(out);
    EXPECT_TRUE(out->add("x"));
    EXPECT_TRUE(out->finish());
    EXPECT_EQ(content(folder.file()), "x");
}

TEST(output_file, goes_where_a_link_leads_and_is_no_link_to_nothing) {
    const Folder folder;
    std::ofstream(folder.path + "/target") << "old";
    fs::create_symlink("target", folder.path + "/link");
    auto out = base::OutputFile::open(folder.path + "/link", 0600);
    ASSERT_TRUE(out);
    EXPECT_TRUE(out->add("new"));
    EXPECT_TRUE(out->finish());
    EXPECT_TRUE(fs::is_symlink(folder.path + "/link"));
    EXPECT_EQ(content(folder.path + "/target"), "new");
    fs::create_symlink("nothing", folder.path + "/loose");
    EXPECT_EQ(base::OutputFile::open(folder.path + "/loose", 0600).error().code, base::Code::not_found);
}

TEST(output_file, is_its_owners_alone_until_it_is_whole_whatever_lies_beside) {
    const Folder folder;
    const auto mode = [](const fs::path& path) { return fs::status(path).permissions(); };
    // What an earlier one left, and what somebody planted: neither is written to.
    std::ofstream(folder.file() + ".part") << "old";
    fs::permissions(folder.file() + ".part", fs::perms(0644));
    std::ofstream(folder.path + "/elsewhere") << "mine";
    fs::create_symlink("elsewhere", folder.file() + ".XXXXXX.part");
    const mode_t before = umask(0027);
    auto out = base::OutputFile::open(folder.file(), 0644);
    ASSERT_TRUE(out);
    EXPECT_TRUE(out->add("secret"));
    int begun = 0;
    for (const auto& entry : fs::directory_iterator(folder.path))
        if (!entry.is_symlink() && content(entry.path()) == "secret") {
            ++begun;
            EXPECT_EQ(mode(entry.path()), fs::perms(0600));
        }
    EXPECT_EQ(begun, 1);
    EXPECT_TRUE(out->finish());
    EXPECT_EQ(mode(folder.file()), fs::perms(0640)) << "what was asked for, less what this process takes away";
    EXPECT_EQ(umask(before), 0027u);
    EXPECT_EQ(content(folder.file()), "secret");
    EXPECT_EQ(content(folder.file() + ".part"), "old");
    EXPECT_EQ(content(folder.path + "/elsewhere"), "mine");
}
