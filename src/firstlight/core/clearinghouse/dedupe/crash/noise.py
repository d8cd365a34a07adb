"""Frames and lines that are the same in every crash and therefore say nothing about this one.

The tables follow ClusterFuzz's published behaviour: a frame is left out of the state when it
belongs to a sanitizer, an allocator, the C library's stopping and copying functions, a handler
that reports crashes, a fuzzer's own loop, or a language's start-up and unwinding code.
Matching is by exact name, by beginning, or by part, which is linear; no patterns.
"""

from __future__ import annotations

_EXACT = frozenset(
    {
        # the C library stopping the process
        *("abort", "exit", "raise", "tgkill", "pthread_kill", "pthread_create"),
        *("__chk_fail", "__fortify_fail"),
        # nothing known about the frame, or Go's panic itself
        *("<unknown>", "[vdso]", "panic"),
    }
)

_SANITIZERS = tuple(
    f"{lead}{name}{tail}"
    for name in ("asan", "hwasan", "lsan", "msan", "tsan", "ubsan", "sanitizer")
    for lead, tail in (("__", "::"), ("__", "_"), ("_", "_"))
)
_LIBC_MEMORY_AND_STRINGS = tuple(
    f"{lead}{name}"
    for lead in ("", "__")
    for name in (
        *("memcmp", "memcpy", "memmove", "memset", "aeabi_"),
        *("strcmp", "strcpy", "strdup", "strlen", "strncpy"),
    )
)
_BEGINNINGS: tuple[str, ...] = (
    *_SANITIZERS,
    *_LIBC_MEMORY_AND_STRINGS,
    # more of the sanitizers' runtime, and their kernel relatives
    *("asan_", "asan.module_ctor", "asan.module_dtor", "__interceptor_", "MSanAtExitWrapper"),
    *("__kasan_", "kasan_", "check_memory_region", "<libclang_rt.asan.so>"),
    # the kernel's own reporting
    *("__dump_stack", "dump_stack", "dump_backtrace", "show_stack", "print_trailer"),
    *("object_err", "print_address_description", "_etext"),
    # allocation and release, in every spelling
    *("malloc", "calloc", "realloc", "free", "mozalloc_", "new", "New", "delete", "operator"),
    *("generic_cpp_", "scanf"),
    # leaving the process
    *("abort", "Abort(", "gsignal", "__pthread_kill", "__run_exit_handlers", "common_exit"),
    *("exit_or_terminate_process", "ExitCallback", "RaiseException", "_L_unlock_"),
    *("__cxa_atexit", "__cxa_throw", "__cxa_rethrow", "std::__terminate", "_objc_terminate"),
    *("demangling_terminate_handler", "__assert_", "__GI_", "__libc_", "__zx_panic"),
    # handlers that notice or announce the crash
    *("CFCrash", "WTFCrash", "SignalAction", "SignalHandler", "fpehandler(", "X11Error"),
    *("SbSystemBreakIntoDebugger", "IsSandboxedProcess", "CrashTrampolineAsm", "g_log"),
    *("syslog::LogMessage", "absl::log_internal::", "V8_Fatal", "blink::ReportV8FatalError"),
    *("v8::api_internal::ToLocalEmpty", "libc_io_functions_not_implemented_use_fdio_instead"),
    # where every program and every fuzz target starts
    *("main", "_start", "__scrt_common_main_seh", "LLVMFuzzerTestOneInput"),
    *("TestOneProtoInput", "fuzzer::", "rust_fuzzer_test_input", "libfuzzer_sys::initialize"),
    *("testing::", "centipede::", "RUN_ALL_TESTS"),
    # Rust's panic machinery and allocator
    *("rust_begin_unwind", "rust_oom", "rust_panic", "__rust_start_panic", "__rust_try"),
    *("panic_abort::", "std::panic", "std::process::abort", "std::sys::unix::abort"),
    *("std::sys_common::backtrace", "std::io::Write::write_fmt", "core::fmt::write", "alloc::"),
    *("core::panicking::", "_$LT$"),
    # other runtimes and containers
    *("runtime.", "WTF::", "_swift_stdlib_", "art::Thread::CreateNativeThread"),
    *("android.app.ActivityManagerProxy.", "android.os.Parcel.", "libgcc_s.so", "linux-gate.so"),
    *("<null>", "c:/clusterfuzz/bot/build"),
)
_PARTS = (
    # Windows: start of a thread, heap checks, exceptions
    *("BaseThreadInitThunk", "RtlUserThreadStart", "RtlInitializeExceptionChain"),
    *("RtlFreeHeap", "RtlReportCriticalFailure", "RtlpHeapHandleError", "RtlpLogHeapFailure"),
    *("DebugBreak", "__tmainCRTStartup", "Inline Function @", "stdext::exception::what"),
    *("MemoryProtection::CMemoryProtector", "/minkernel/crts/", "/vc/include/", "/vctools/crt/"),
    *("/win_toolchain/",),
    # Chromium and Android: logging, stack dumps, allocator shims
    *("base::debug::BreakDebugger", "base::debug::CollectStackTrace", "StackDumpSignalHandler"),
    *("base::debug::StackTrace::StackTrace", "logging::CheckError", "logging::LogMessage"),
    *("logging::ErrnoLogMessage", "DefaultDcheckHandler", "SkDebugf", "logger", "assert"),
    *("ForceCrashOnSigAbort", "__android_log_assert", "v8::base::OS::Abort"),
    *("allocator_shim", "base::allocator", "PartitionAlloc", "base::android::CheckException"),
    *("base::FuzzedDataProvider", "fuzztest::internal::", " base/callback", "/bindings/ToV8.h"),
    *("/googletest/", "/third_party/fuzztest/"),
    # sanitizers in libraries
    *("ASAN_OnSIGSEGV", "_asan_rtl_", "agent::asan::", "asan_Heap", "asan_check_access"),
    *("asan_osx_dynamic.dylib", "/sanitizer_common/", "/memorycmp.c"),
    # toolchains and C libraries, by path
    *("/AOSP-toolchain/", "/crosstool/", "/gcc/", "/glibc-", "/jemalloc/", "/tcmalloc/"),
    *("/libc++", "libc++/", "/libc/", "/llvm-build/", " /rust/", " /rustc/", "libpthread"),
    *("ieee754-",),
    # nothing known
    *("+Unknown", "<unknown module>"),
    # C libraries, by file
    *("libc.so", "libc++.so", "libc++_shared.so", "libstdc++.so"),
)

_LINES_WITHOUT_MEANING = (
    ":INFO:CONSOLE",  # a page's own console: it may print anything
    "SUMMARY:",  # repeats the report, sometimes with another function
    "WARNING: AddressSanitizer",
    "failed to mprotect 0x00010000",  # a harmless warning about a coverage buffer
    "text run at (",  # a layout dump
    "Please include Java exception stack in crash report",
)

_END_OF_STACK = (
    "Direct leak of",
    "Indirect leak of",
    "Uninitialized value was created by",
    "Uninitialized value was stored to memory at",
    "allocated by thread",
    "created by main thread at",
    "located in stack of thread",
    "previously allocated by",
)


def is_noise(frame: str) -> bool:
    """True when the frame, with its location, tells nothing about this crash."""
    if not frame:
        return True
    text = frame.replace("\\", "/")
    return (
        text.split(" ", 1)[0] in _EXACT
        or text.startswith(_BEGINNINGS)
        or any(part in text for part in _PARTS)
        or _is_versioned_libc(text)
    )


def _is_versioned_libc(text: str) -> bool:
    """``libc-2.31.so`` and the like."""
    at = text.find("libc-")
    return at >= 0 and ".so" in text[at:]


def is_meaningless(line: str) -> bool:
    """True for lines that look like part of a report but are not."""
    return any(part in line for part in _LINES_WITHOUT_MEANING)


def ends_stack(line: str) -> bool:
    """True where the stack of the crash ends and one that only explains it begins."""
    return any(part in line for part in _END_OF_STACK)
