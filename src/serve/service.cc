#include "serve/service.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "serve/api.h"
#include "serve/front.h"
#include "serve/keeper.h"
#include "serve/problem.h"
#include "serve/tls.h"
#include "serve/upload.h"

namespace thorax::serve {
namespace {

// Threads for everything that does not wait for news.
constexpr int kAnswerThreads = 32;
// Memory that a worker takes for a study of a thousand slices, more or less.
constexpr std::uint64_t kWorkerBytes = 4ull << 30;
// What is read of a body that nobody wants, so that its sender gets to read why.
constexpr std::size_t kDrainBytes = 64 << 20;
constexpr int kKeepAliveRequests = 10'000;

int worker_count(const Options& options) {
  if (options.workers > 0) return options.workers;
  const auto by_memory = static_cast<int>(available_memory_bytes() / kWorkerBytes);
  return std::clamp(by_memory, 1, std::max(1, thread_count()));
}

/// Reads no more from the connections that were made to a port of this process.
void hang_up(int port) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const int descriptor = std::atoi(entry.path().filename().c_str());
    sockaddr_storage here{}, there{};
    socklen_t size = sizeof here, other = sizeof there;
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&here), &size) != 0) continue;
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&there), &other) != 0) continue;
    // The port lies at one place in both kinds of addresses.
    const bool internet = here.ss_family == AF_INET || here.ss_family == AF_INET6;
    if (internet && ntohs(reinterpret_cast<const sockaddr_in*>(&here)->sin_port) == port)
      shutdown(descriptor, SHUT_RD);
  }
}

}  // namespace

class Service::Impl {
 public:
  Impl(const Options& options, const WorkerCommand& command, const store::Clock& now)
      : options_(options),
        command_(command),
        store_(options.data, {options.queue, options.disk_reserve}),
        people_(store_.database(), now,
                {options.session_minutes * 60'000ll, options.session_hours * 3'600'000ll}),
        parts_(std::filesystem::path(options.data) / "uploads", store_.files(), options.uploads),
        door_(people_, options_, now),
        audit_(store_.database(), options.data, now),
        trace_(audit_, now),
        places_(options.streams),
        models_(options_.models, options_.infer_queue),
        embeddings_(store_, options_.embeddings.empty()
                                ? std::filesystem::path(options.data) / "embeddings.safetensors"
                                : std::filesystem::path(options_.embeddings)),
        tls_(tls_of(options, now())),
        server_(tls_ ? tls_->context() : nullptr, {},
                options.behind_proxy ? 0 : options.connections) {
    check_address();
    for (const std::string& id : store_.recover(options_.attempts))
      log::warning("job " + id + " was begun too often and is set aside");
    bind();
    pool_.emplace(store_, events_, metrics_,
                  PoolOptions{command, worker_count(options_), 0, options_.job_seconds});
    context_.emplace(Context{options_, command_, options_.page, store_, events_, metrics_, *pool_,
                             places_, models_, door_, people_, parts_, audit_, trace_, embeddings_,
                             importing_, Stopwatch()});
    keeper_.emplace(store_, parts_, events_, trace_, options_, now);
    set_up();
    listening_ = std::thread([this] {
      server_.listen_after_bind();
      ended_ = true;
    });
    // Until it listens it cannot be stopped.
    while (!server_.is_running() && !ended_)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  ~Impl() { stop(); }

  int port() const { return port_; }
  std::string address() const {
    const bool bare = options_.address.find(':') == std::string::npos;
    return (tls_ ? "https://" : "http://") +
           (bare ? options_.address : '[' + options_.address + ']') + ':' + std::to_string(port_);
  }

  void stop() {
    if (!listening_.joinable()) return;
    // In this order: listeners let go of their connections, then nobody is answered any more.
    keeper_.reset();
    pool_->stop(options_.stop_seconds);
    events_.close();
    server_.stop();
    // Its threads wait for what idle connections may still ask, for seconds.
    while (!ended_) {
      hang_up(port_);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    listening_.join();
  }

 private:
  static std::optional<Tls> tls_of(const Options& options, std::int64_t now) {
    if (options.certificate.empty() && options.key.empty()) return std::nullopt;
    return Tls(options.certificate, options.key, now);
  }

  /// Whoever reaches another address than this machine's own has to sign in, and not in the clear.
  void check_address() {
    if (is_local_address(options_.address)) return;
    if (!people_.any()) throw Error("users_missing"_code, {{"address", options_.address}});
    if (options_.certificate.empty() && !options_.behind_proxy)
      throw Error("tls_missing"_code, {{"address", options_.address}});
  }

  void bind() {
    // Two services on one port would each get half of the requests (SO_REUSEPORT).
    socket_t bound = -1;
    server_.set_socket_options([&bound](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
      bound = socket;
    });
    errno = 0;
    if (options_.port == 0) {
      port_ = server_.bind_to_any_port(options_.address);
    } else if (server_.bind_to_port(options_.address, options_.port)) {
      port_ = options_.port;
    }
    if (port_ <= 0)
      throw Error("cannot_listen"_code,
                  {{"address", options_.address + ':' + std::to_string(options_.port)},
                   {"detail", std::strerror(errno)}});
    server_.set_socket_options(nullptr);
    // The library lets five wait to be accepted. Of more that come at once, the kernel drops what
    // they send first, and they ask again after seconds.
    ::listen(bound, SOMAXCONN);
  }

  void set_up() {
    server_.set_keep_alive_max_count(kKeepAliveRequests);
    server_.set_payload_max_length(std::numeric_limits<std::size_t>::max());
    server_.new_task_queue = [threads = options_.streams + kAnswerThreads] {
      return new httplib::ThreadPool(static_cast<std::size_t>(threads));
    };
    httplib::Headers headers{{"X-Content-Type-Options", "nosniff"},
                             {"X-Frame-Options", "DENY"},
                             {"Referrer-Policy", "no-referrer"},
                             {"Cross-Origin-Opener-Policy", "same-origin"},
                             {"Cross-Origin-Resource-Policy", "same-origin"}};
    // RFC 6797: whoever came by TLS once comes by TLS for a year.
    if (tls_) headers.emplace("Strict-Transport-Security", "max-age=31536000");
    server_.set_default_headers(std::move(headers));
    server_.set_expect_100_continue_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          return expected(request, response);
        });
    server_.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          if (request.method == "POST") return httplib::Server::HandlerResponse::Unhandled;
          handle(request, response, nullptr);
          return httplib::Server::HandlerResponse::Handled;
        });
    server_.Post(".*",
                 [this](const httplib::Request& request, httplib::Response& response,
                        const httplib::ContentReader& body) { handle(request, response, &body); });
    server_.set_error_handler(httplib::Server::HandlerWithResponse(
        [](const httplib::Request& request, httplib::Response& response) {
          // What handle() answered has its headers, and perhaps no body of its own.
          if (!response.has_header("Content-Security-Policy")) {
            Call call{request, response, nullptr,
                      accepted_language(request.get_header_value("Accept-Language"))};
            const int status = response.status;
            call.answer_problem({"bad_request"_code, {}});
            response.status = status;
          }
          return httplib::Server::HandlerResponse::Handled;
        }));
    server_.set_logger([this](const httplib::Request& request, const httplib::Response& response) {
      metrics_.count("thorax_http_requests_total", {{"method", known_method(request.method)},
                                                    {"status", std::to_string(response.status)}});
    });
  }

  static std::string known_method(const std::string& method) {
    for (const char* known : {"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"})
      if (method == known) return method;
    return "other";
  }

  void let_in(Call& call) {
    call.path = path_parts(call.request.path);
    door_.admit(call.request, call.path, call.who);
  }

  void serve(Call& call) {
    try {
      let_in(call);
    } catch (const Error& error) {
      if (error.code() == "not_allowed"_code || error.code() == "csrf_missing"_code)
        trace_.refused(call, error.notice());
      throw;
    }
    dispatch(*context_, call);
    trace_.answered(call);
  }

  /// Whether a client that asks first may send its body.
  int expected(const httplib::Request& request, httplib::Response& response) {
    Call call{request, response, nullptr,
              accepted_language(request.get_header_value("Accept-Language"))};
    try {
      let_in(call);
      if (!request.path.starts_with("/v2/")) check_upload(request, store_, options_.max_upload);
      return 100;
    } catch (const Error& error) {
      call.answer_problem(error.notice());
      response.set_header("Connection", "close");
      return response.status;
    }
  }

  void handle(const httplib::Request& request, httplib::Response& response,
              const httplib::ContentReader* body) {
    Call call{request, response, body,
              accepted_language(request.get_header_value("Accept-Language"))};
    call.body_left =
        body && (announced_bytes(request) > 0 || request.has_header("Transfer-Encoding"));
    try {
      serve(call);
    } catch (const Error& error) {
      call.answer_problem(error.notice());
    } catch (const std::exception& error) {
      log::error(request.method + ' ' + request.path + ": " + error.what());
      call.answer_problem({"internal"_code, {{"detail", error.what()}}});
    }
    if (!response.has_header("Content-Security-Policy"))
      response.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (!response.has_header("Cache-Control")) response.set_header("Cache-Control", "no-store");
    if (call.body_left) end_connection(call);
  }

  /// The rest of the body is no request: reads a part of it, answers, and hangs up.
  static void end_connection(Call& call) {
    std::size_t drained = 0;
    if (!call.request.is_multipart_form_data())
      (*call.body)([&](const char*, std::size_t size) {
        drained += size;
        return drained < kDrainBytes;
      });
    httplib::Response& response = call.response;
    response.set_header("Connection", "close");
    const std::string text = response.body;
    response.body.clear();
    const std::string type = response.get_header_value("Content-Type");
    response.headers.erase("Content-Type");
    // A provider that stops is how httplib closes a connection after an answer.
    response.set_content_provider(text.size(), type,
                                  [text](std::size_t offset, std::size_t, httplib::DataSink& sink) {
                                    sink.write(text.data() + offset, text.size() - offset);
                                    return false;
                                  });
  }

  const Options options_;
  const WorkerCommand command_;
  store::Store store_;
  store::People people_;
  store::PartFolder parts_;
  Door door_;
  store::Audit audit_;
  Trace trace_;
  EventHub events_;
  Metrics metrics_;
  Places places_;
  ModelHost models_;
  EmbeddingMap embeddings_;
  std::mutex importing_;
  std::optional<WorkerPool> pool_;
  std::optional<Context> context_;
  std::optional<Keeper> keeper_;
  std::optional<Tls> tls_;
  Front server_;
  int port_ = -1;
  std::thread listening_;
  std::atomic<bool> ended_{false};
};

Service::Service(const Options& options, const WorkerCommand& command, const store::Clock& now)
    : impl_(std::make_unique<Impl>(options, command, now)) {}

Service::~Service() = default;

int Service::port() const {
  return impl_->port();
}

std::string Service::address() const {
  return impl_->address();
}

void Service::stop() {
  impl_->stop();
}

}  // namespace thorax::serve
