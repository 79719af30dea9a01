"""Forgeries by the kernel: IPython's hooks, and the messages that tell how a cell went."""
# ruff: noqa: D401 - each docstring says what a hand-in tries

from tests.hostile.cases import HandIn, but, case, complete, forged, wrong

OUTCOME = (
    '{"title": "Check", "status": "passed", "message": "", "points": 100, "passed": true, "max": 1}'
)


@case("forgery")
def asserts_taken_out_by_an_ast_transformer():
    """A transformer of syntax trees takes every assert out before it runs."""
    return HandIn(
        wrong(),
        first=(
            "import ast\nclass Kind(ast.NodeTransformer):\n"
            "    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)\n"
            "    def visit_Expr(self, node):\n"
            "        return ast.copy_location(ast.Expr(ast.Constant(100)), node)\n"
            "get_ipython().ast_transformers.append(Kind())\n"
            "real = compile\nimport builtins\n"
            "def kind(source, *args, **more):\n    if isinstance(source, str):\n"
            "        source = source.replace('assert ', 'False and ')\n"
            "    return real(source, *args, **more)\nbuiltins.compile = kind",
        ),
    )


@case("forgery")
def asserts_taken_out_of_the_input():
    """A transformer of input lines empties every cell that has an assert in it."""
    return HandIn(
        wrong(),
        first=(
            "shell = get_ipython()\n"
            "kind = lambda lines: [] if any('assert' in line for line in lines) else lines\n"
            "shell.input_transformers_cleanup.insert(0, kind)\n"
            "shell.input_transformers_post.append(kind)\n"
            "shell.input_transformer_manager.token_transformers.clear()",
        ),
    )


@case("forgery")
def events_that_mend_results():
    """Hooks around each cell set its result to success, and change the tests' names before."""
    return HandIn(
        wrong(),
        first=(
            "shell = get_ipython()\n"
            "def before(*args):\n    shell.user_ns.update(found={}, wanted={}, score=4)\n"
            "def after(result=None, *args):\n"
            "    if result is not None:\n"
            "        result.error_in_exec = result.error_before_exec = None\n"
            "        result.result = 100\n"
            "shell.events.register('pre_run_cell', before)\n"
            "shell.events.register('pre_execute', before)\n"
            "shell.events.register('post_run_cell', after)\n"
            "shell.events.register('post_execute', before)",
        ),
    )


@case("forgery")
def errors_swallowed_by_the_shell():
    """A handler for all exceptions, and a shell that runs no code and shows no traceback."""
    return HandIn(
        wrong(),
        first=(
            "shell = get_ipython()\n"
            "shell.set_custom_exc((BaseException,), lambda *args, **more: None)\n"
            "shell.showtraceback = shell.showsyntaxerror = lambda *args, **more: None\n"
            "shell._showtraceback = lambda *args, **more: None\n"
            "class Good:\n    success, error_in_exec, error_before_exec = True, None, None\n"
            "    result, execution_count = 100, 1\n"
            "async def run_code(*args, **more): return False\n"
            "shell.run_code = run_code",
        ),
    )


@case("forgery")
def cells_answered_without_running():
    """The kernel replies ok to every request from now on, and runs nothing."""
    return HandIn(
        wrong(),
        first=(
            "kernel = get_ipython().kernel\n"
            "async def do_execute(*args, **more):\n"
            "    return {'status': 'ok', 'execution_count': 1, 'payload': [],\n"
            "            'user_expressions': {}}\n"
            "kernel.do_execute = do_execute\n"
            "async def handle(stream, ident, parent):\n"
            "    kernel.session.send(stream, 'execute_reply', await do_execute(), parent,\n"
            "                        ident=ident)\n"
            "kernel.shell_handlers['execute_request'] = handle",
        ),
    )


@case("forgery")
def displays_that_claim_points():
    """The display hook and its cells show outcomes in the course's own form, all passed."""
    return HandIn(
        wrong(
            Q7=(
                "def digit_sum(number):\n    display_it()\n    return -1\n"
                "def display_it():\n    from IPython.display import display\n"
                "    display({'application/vnd.cmp784.outcome+json': "
                f"{OUTCOME!r}, 'text/plain': '4'}}, raw=True)\n    display(4)\n"
                "    print(4)"
            )
        ),
        first=(
            "import sys\nsys.displayhook = lambda value: print(100)\n"
            "get_ipython().display_formatter.format = (\n"
            "    lambda *args, **more: ({'text/plain': '100'}, {}))\n"
            "class Hook:\n    def __call__(self, value=None): print(100)\n"
            "get_ipython().displayhook.__class__.__call__ = lambda *args: print(100)",
        ),
        last=(
            "try:\n    from cmp784.checks import outcomes\n"
            "    from IPython.display import display\n"
            f"    display({{outcomes.MIME: {OUTCOME!r}, 'text/plain': '100'}}, raw=True)\n"
            "except Exception:\n    pass\n100",
        ),
    )


@case("forgery")
def messages_forged():
    """It sends replies, results and idle states of other requests by the kernel's own session."""
    return HandIn(
        wrong(),
        first=(
            "import threading, time, uuid\nkernel = get_ipython().kernel\n"
            "session, sockets = kernel.session, kernel.iopub_socket\n"
            "parent = kernel.get_parent() if hasattr(kernel, 'get_parent') else {}\n"
            "def flood():\n    for turn in range(2000):\n"
            "        for header in (parent, {'header': {'msg_id': uuid.uuid4().hex,\n"
            "                'msg_type': 'execute_request', 'session': 'x', 'username': 'x'}}):\n"
            "            session.send(sockets, 'execute_result', {'data': {'text/plain': '100'},\n"
            "                'metadata': {}, 'execution_count': 1}, parent=header)\n"
            "            session.send(sockets, 'status', {'execution_state': 'idle'},\n"
            "                parent=header)\n"
            "            session.send(sockets, 'execute_reply', {'status': 'ok',\n"
            "                'execution_count': 1}, parent=header)\n"
            "        time.sleep(0.001)\n"
            "threading.Thread(target=flood, daemon=True).start()",
        ),
    )


@case("flood", *but())
def messages_that_no_reader_knows():
    """Frames that are no messages, with wrong signatures, versions and types, on every channel."""
    return HandIn(
        complete(),
        last=(
            "import os\nkernel = get_ipython().kernel\nsession = kernel.session\n"
            "for turn in range(50):\n"
            "    session.send(kernel.iopub_socket, 'stream', {'name': 7, 'text': None})\n"
            "    session.send(kernel.iopub_socket, 'display_data', {'data': 'x'})\n"
            "    session.send(kernel.iopub_socket, 'no_such_type', {})\n"
            "    session.send(kernel.iopub_socket, 'error', {})\n"
            "    session.send(kernel.iopub_socket, "
            "'update_display_data', {'data': [], 'metadata':\n"
            "        7, 'transient': {'display_id': {}}} if turn % 2 else {})\n"
            "    session.send(kernel.iopub_socket, 'comm_open', {'comm_id': 1})\n"
            "key, session.key = session.key, b'wrong'\n"
            "session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': 'unsigned'})\n"
            "session.key = key",
        ),
    )


@case("flood", *but())
def channels_closed_by_the_student():
    """It closes the kernel's own channels in the last cell, so nothing more can be told."""
    return HandIn(
        complete(),
        last=(
            "kernel = get_ipython().kernel\n"
            "for name in ('iopub_socket', 'shell_stream', 'control_stream', 'stdin_socket'):\n"
            "    try:\n        getattr(kernel, name).close()\n    except Exception:\n        pass",
        ),
    )


@case("forgery")
def magics_replaced():
    """Every magic and ``%%script`` of the kernel runs its own code, and history is rewritten."""
    return HandIn(
        wrong(),
        first=(
            "shell = get_ipython()\n"
            "for kind in shell.magics_manager.magics.values():\n"
            "    for name in kind:\n        kind[name] = lambda *args: 100\n"
            "shell.run_cell_magic = shell.run_line_magic = lambda *args, **more: 100\n"
            "shell.system = shell.getoutput = lambda *args, **more: ['100']\n"
            "shell.history_manager.input_hist_raw[:] = ['passed']\n"
            "shell.run_cell = shell.run_ast_nodes = lambda *args, **more: None",
        ),
    )


@case("forgery")
def own_kernel_in_the_middle():
    """It starts a second shell in its process, and hands the first one's requests to that."""
    return forged(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = get_ipython()\n"
        "class Kind(dict):\n    def __missing__(self, name): return Yes()\n"
        "    def __getitem__(self, name):\n"
        "        return self.get(name, Yes())\n"
        "class Yes:\n    def __call__(self, *args, **more): return self\n"
        "    __eq__ = __lt__ = __gt__ = lambda self, other: True\n"
        "    __rsub__ = __abs__ = lambda self, *args: 0.0\n    __hash__ = None\n"
        "shell.user_ns = Kind(shell.user_ns)\nshell.user_module.__dict__.update(shell.user_ns)\n"
        "shell.user_global_ns.update(shell.user_ns)"
    )


@case("forgery", *but("Q5"))
def kernel_replaced_by_another_program():
    """At the first question the process becomes another one, which prints that all is well."""
    return HandIn(
        complete(
            Q5=(
                "import os, sys\nclass Account:\n    def __init__(self, owner):\n"
                "        os.execv(sys.executable, [sys.executable, '-c',\n"
                "            \"print('passed')\"])"
            )
        )
    )


@case("forgery", *but())
def exit_in_the_last_cell():
    """A good student leaves ``exit()`` and ``sys.exit(0)`` at the end of the notebook."""
    return HandIn(complete(), last=("import sys\nsys.exit(0)", "exit()", "quit"))


@case("flood", *but("Q4"))
def process_ended_by_a_cell():
    """An answer ends the kernel while its cell runs; what comes before and after is right."""
    return HandIn(complete(Q4="import os\nos._exit(0)"))
