// kill_at_call: runs a program and ends it with SIGKILL just before its Nth system call that changes files, counted over all its
// threads; programs it starts (gpg-agent) are left alone and not counted.
//   kill_at_call LOG 0 PROGRAM [ARGUMENT…]   runs to the end and writes one line a call to LOG: its name and what it is about
//   kill_at_call LOG N PROGRAM [ARGUMENT…]   kills at the Nth; exit status 99 when it did
// Linux, ptrace(2).
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>

namespace {

constexpr int killed_status = 99;

// How a call names the file: by a path in argument N, or by a descriptor.
struct Call {
  const char* name;
  int path_argument;  // -1: argument 0 is a descriptor
};

const std::map<long, Call>& changing_calls() {
  static const std::map<long, Call> calls = {
#ifdef SYS_open
      {SYS_open, {"open", 0}},
      {SYS_creat, {"creat", 0}},
      {SYS_rename, {"rename", 1}},
      {SYS_link, {"link", 1}},
      {SYS_symlink, {"symlink", 1}},
      {SYS_unlink, {"unlink", 0}},
      {SYS_mkdir, {"mkdir", 0}},
      {SYS_rmdir, {"rmdir", 0}},
      {SYS_chmod, {"chmod", 0}},
#endif
#ifdef SYS_renameat
      {SYS_renameat, {"renameat", 3}},
#endif
      {SYS_openat, {"openat", 1}},
      {SYS_renameat2, {"renameat2", 3}},
      {SYS_linkat, {"linkat", 3}},
      {SYS_symlinkat, {"symlinkat", 2}},
      {SYS_unlinkat, {"unlinkat", 1}},
      {SYS_mkdirat, {"mkdirat", 1}},
      {SYS_fchmodat, {"fchmodat", 1}},
      {SYS_utimensat, {"utimensat", 1}},
      {SYS_truncate, {"truncate", 0}},
      {SYS_write, {"write", -1}},
      {SYS_writev, {"writev", -1}},
      {SYS_pwrite64, {"pwrite64", -1}},
      {SYS_pwritev, {"pwritev", -1}},
      {SYS_ftruncate, {"ftruncate", -1}},
      {SYS_fallocate, {"fallocate", -1}},
      {SYS_fchmod, {"fchmod", -1}},
      {SYS_fsync, {"fsync", -1}},
      {SYS_fdatasync, {"fdatasync", -1}},
      {SYS_syncfs, {"syncfs", -1}},
      {SYS_copy_file_range, {"copy_file_range", -1}},
      {SYS_sendfile, {"sendfile", -1}},
  };
  return calls;
}

std::string text_at(pid_t thread, unsigned long address) {
  std::array<char, 512> buffer{};
  const iovec local{buffer.data(), buffer.size() - 1};
  const iovec remote{reinterpret_cast<void*>(address), buffer.size() - 1};
  if (process_vm_readv(thread, &local, 1, &remote, 1, 0) <= 0) {
    // Near the end of a mapping: word by word.
    for (std::size_t at = 0; at + sizeof(long) < buffer.size(); at += sizeof(long)) {
      errno = 0;
      const long word = ptrace(PTRACE_PEEKDATA, thread, address + at, nullptr);
      if (errno != 0) break;
      std::memcpy(buffer.data() + at, &word, sizeof word);
      if (std::memchr(&word, 0, sizeof word) != nullptr) break;
    }
  }
  return buffer.data();
}

std::string file_behind(pid_t thread, unsigned long descriptor) {
  std::array<char, 512> buffer{};
  const std::string link = "/proc/" + std::to_string(thread) + "/fd/" + std::to_string(descriptor);
  return readlink(link.c_str(), buffer.data(), buffer.size() - 1) > 0 ? buffer.data() : "?";
}

class Tracer {
 public:
  Tracer(std::FILE* log, unsigned long kill_at) : log_(log), kill_at_(kill_at) {}

  int run(char** arguments) {
    main_ = fork();
    if (main_ == 0) {
      ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      raise(SIGSTOP);
      execvp(arguments[0], arguments);
      std::perror(arguments[0]);
      _exit(127);
    }
    int status = 0;
    waitpid(main_, &status, 0);
    ptrace(PTRACE_SETOPTIONS, main_, nullptr,
           PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC);
    ptrace(PTRACE_SYSCALL, main_, nullptr, nullptr);
    while (true) {
      const pid_t thread = waitpid(-1, &status, __WALL);
      if (thread < 0) return 127;
      if (WIFEXITED(status) || WIFSIGNALED(status)) {
        if (thread != main_) continue;
        return was_killed_ ? killed_status : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
      if (WIFSTOPPED(status)) go_on(thread, status);
    }
  }

 private:
  void go_on(pid_t thread, int status) {
    const int signal = WSTOPSIG(status);
    int pass_on = 0;
    if (signal == (SIGTRAP | 0x80))
      look_at_call(thread);
    else if (signal != SIGTRAP && !(signal == SIGSTOP && known_.insert(thread).second))
      pass_on = signal;
    ptrace(PTRACE_SYSCALL, thread, nullptr, reinterpret_cast<void*>(static_cast<long>(pass_on)));
  }

  void look_at_call(pid_t thread) {
    __ptrace_syscall_info info{};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) <= 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY) return;
    const auto found = changing_calls().find(static_cast<long>(info.entry.nr));
    if (found == changing_calls().end()) return;
    const Call& call = found->second;
    const bool opens = std::strncmp(call.name, "open", 4) == 0;
    if (opens && (info.entry.args[call.path_argument + 1] & O_CREAT) == 0) return;
    const auto argument = call.path_argument < 0 ? info.entry.args[0] : info.entry.args[call.path_argument];
    std::string file;
    if (call.path_argument >= 0)
      file = text_at(thread, argument);
    else
      file = argument <= 2 ? "terminal" : file_behind(thread, argument);
    if (file == "terminal" || file.starts_with("pipe:") || file.starts_with("socket:") || file.starts_with("/dev/shm/") ||
        file.starts_with("anon_inode:"))
      return;
    ++count_;
    if (log_ != nullptr) std::fprintf(log_, "%s %s\n", call.name, file.c_str());
    if (count_ != kill_at_) return;
    was_killed_ = true;
    kill(main_, SIGKILL);
  }

  std::FILE* log_;
  unsigned long kill_at_, count_ = 0;
  bool was_killed_ = false;
  pid_t main_ = -1;
  std::set<pid_t> known_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::fprintf(stderr, "usage: kill_at_call LOG N PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  std::FILE* log = std::fopen(arguments[1], "w");
  if (log == nullptr) {
    std::perror(arguments[1]);
    return 2;
  }
  const int status = Tracer(log, std::strtoul(arguments[2], nullptr, 10)).run(arguments + 3);
  std::fclose(log);
  return status;
}
