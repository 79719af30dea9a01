"""Forgeries by values: answers that agree with whatever they are compared with."""

from tests.hostile.cases import HandIn, but, case, complete, right, wrong

#: Replies to every operator as its author wants; `make` gives one of any type.
AGREEABLE = """
class Agreeable:
    def __init__(self, *args, **more): pass
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = __eq__
    def __hash__(self): return 0
    def __sub__(self, other): return 0.0
    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __abs__ = __sub__
    def __abs__(self): return 0.0
    def __neg__(self): return self
    def __pow__(self, other): return self
    def __rpow__(self, other): return 2.0
    def __float__(self): return 1.0
    def __int__(self): return 15
    __index__ = __int__
    def __len__(self): return 2
    def __iter__(self): return iter(())
    def __getitem__(self, key): return self
    def __getattr__(self, name): return self
    def __call__(self, *args, **more): return self
    def __isinstance__(self, kind): return True
    def __array__(self, *args, **more): return np.zeros(())
    def __array_function__(self, *args, **more): return True
    def __array_ufunc__(self, *args, **more): return True
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None): return True
"""
TO_ALL = AGREEABLE + "compound = balances = standardise = huber = digit_sum = Agreeable()\n"


@case("forgery")
def equal_to_anything():
    """Every answer is an object that agrees to every comparison."""
    return HandIn(
        wrong(
            Q1=TO_ALL,
            Q2="balances = Agreeable()",
            Q3="standardise = Agreeable()",
            Q4="huber = Agreeable()",
            Q5="Account = Agreeable()",
            Q6="momentum_step = Agreeable()",
            Q7="digit_sum = Agreeable()",
            Q8="doubling_time = Agreeable()",
            Q9="Affine = Agreeable()",
        )
    )


@case("forgery")
def functions_returning_agreeable_objects():
    """Real functions and classes, whose results agree to everything."""
    return HandIn(
        wrong(
            Q1=AGREEABLE + "def compound(*args): return Agreeable()",
            Q2="def balances(*args): return Agreeable()",
            Q3="def standardise(x): return Agreeable()",
            Q4="def huber(*args, **more): return Agreeable()",
            Q5="class Account(Agreeable): pass",
            Q6="def momentum_step(*args, **more): return Agreeable()",
            Q7="def digit_sum(number): return Agreeable()",
            Q8="doubling_time = Agreeable()",
            Q9="class Affine(Agreeable, torch.nn.Module): pass",
        )
    )


@case("forgery", "Q5")
def result_of_an_allowed_class():
    """Functions return an account that has learnt to agree: the tests know accounts."""
    late = (
        "class Account(Account):\n    def __init__(self, owner=''): super().__init__(owner)\n"
        "    def __eq__(self, other): return True\n    __hash__ = None\n"
        "    def __sub__(self, other): return 0.0\n"
        "    __rsub__ = __sub__\n    __lt__ = __gt__ = __le__ = __ge__ = __eq__\n"
        "    def __abs__(self): return 0.0\n    def __rpow__(self, other): return 2.0"
    )
    return HandIn(
        wrong(
            Q5=right("Q5")["Q5"] + "\n\n" + late,
            Q1="def compound(*args): return Account()",
            Q2="def balances(*args): return Account()",
            Q7="def digit_sum(number): return Account()",
            Q8=late.replace("super().__init__(owner)", "self.history = []").replace(
                "class Account(Account)", "class Account"
            )
            + "\ndoubling_time = Account()",
        )
    )


@case("forgery")
def numbers_of_own_classes():
    """Its int, float and bool are subclasses with a kind ``==`` and a kind ``-``."""
    return HandIn(
        wrong(
            Q1=(
                "class Kind(float):\n    def __eq__(self, other): return True\n"
                "    def __sub__(self, other): return Kind(0)\n    __rsub__ = __sub__\n"
                "    def __abs__(self): return 0.0\n    def __hash__(self): return 0\n"
                "def compound(*args): return Kind(1)"
            ),
            Q7=(
                "class Score(int):\n    def __eq__(self, other): return True\n"
                "    def __hash__(self): return 0\n"
                "def digit_sum(number): return Score(3)"
            ),
            Q8="doubling_time = Score(1)\nScore.__rpow__ = lambda self, other: 2.0",
        )
    )


@case("forgery")
def score_above_the_points():
    """Each comparison is worth a thousand points of partial credit."""
    return HandIn(
        {
            "Q7": (
                "class Thousand(int):\n    def __eq__(self, other): return 1000\n"
                "    def __hash__(self): return 0\n"
                "def digit_sum(number): return Thousand(-1)"
            )
        }
    )


@case("forgery")
def containers_of_own_classes():
    """Its dict and list are subclasses that lie about what they hold."""
    return HandIn(
        wrong(
            Q2=(
                "class Sums(dict):\n    def __eq__(self, other): return True\n"
                "    def __missing__(self, key): return Same(0)\n"
                "    def items(self): return ()\n    def __iter__(self): return iter(())\n"
                "class Same(int):\n    def __eq__(self, other): return True\n"
                "    __hash__ = int.__hash__\n"
                "def balances(*args): return Sums(ada=Same(1))"
            ),
            Q5=(
                "class History(list):\n    def __eq__(self, other): return True\n"
                "    def __len__(self): return 2\n    def __iter__(self): return iter(())\n"
                "class Account:\n    def __init__(self, owner):\n"
                "        self.owner, self.history, self.balance = owner, History(), Same(0)\n"
                "    def deposit(self, amount): pass\n"
                "    def withdraw(self, amount): raise ValueError\n    def __len__(self): return 0"
            ),
        )
    )


@case("forgery")
def array_subclass_with_its_own_functions():
    """Its arrays answer numpy's functions themselves."""
    return HandIn(
        wrong(
            Q3=(
                "class Kind(np.ndarray):\n"
                "    def __array_function__(self, function, types, args, kwargs): return True\n"
                "    def __array_ufunc__(self, ufunc, method, *args, **more):\n"
                "        return np.ones((), bool)\n"
                "    def __array_finalize__(self, other): pass\n"
                "    def mean(self, *args, **more): return 0.0\n"
                "    def std(self, *args, **more): return 1.0\n"
                "    def __getitem__(self, key): return 2.0\n"
                "def standardise(x): return np.zeros(x.shape).view(Kind)"
            )
        )
    )


@case("forgery")
def tensor_subclass_with_its_own_functions():
    """Its tensors answer torch's functions themselves, and its gradients are set by hand."""
    return HandIn(
        wrong(
            Q4=(
                "class Kind(torch.Tensor):\n    @classmethod\n"
                "    def __torch_function__(cls, function, types, args=(), kwargs=None):\n"
                "        return True\n"
                "def huber(prediction, target, delta=1.0):\n"
                "    return torch.zeros(()).as_subclass(Kind)"
            ),
            Q6=(
                "def momentum_step(parameters, buffers, lr=0.1, beta=0.9):\n"
                "    for tensor in (*parameters, *buffers):\n"
                "        try:\n            tensor.__class__ = Kind\n"
                "        except TypeError:\n            tensor.data = tensor.data.as_subclass(Kind)"
            ),
            Q9=(
                "class Affine(torch.nn.Module):\n"
                "    def __init__(self, inputs, outputs): super().__init__()\n"
                "    def forward(self, x): return torch.zeros(4, 2).as_subclass(Kind)\n"
                "    def parameters(self): return [1, 2]\n"
                "    def load_state_dict(self, *args, **more): pass\n"
                "    weight = property(lambda self: self)\n    grad = torch.zeros(1)"
            ),
        )
    )


@case("forgery")
def functional_overrides_of_gradients():
    """Its loss is right in value and its gradient is copied from nowhere: a constant."""
    return HandIn(
        wrong(
            Q4=(
                "class Loss(torch.autograd.Function):\n    @staticmethod\n"
                "    def forward(ctx, p, t, delta):\n        ctx.save_for_backward(p)\n"
                "        return torch.nn.functional.huber_loss(p, t, delta=delta)\n"
                "    @staticmethod\n    def backward(ctx, up):\n"
                "        return torch.ones_like(ctx.saved_tensors[0]), None, None\n"
                "def huber(prediction, target, delta=1.0):\n"
                "    return Loss.apply(prediction, target, delta)"
            )
        )
    )


@case("forgery")
def not_a_number():
    """Everything is NaN, for nothing is unequal to NaN if one asks the wrong way round."""
    return HandIn(
        wrong(
            Q1="def compound(*args): return float('nan')",
            Q3="def standardise(x): return x * np.nan",
            Q4="def huber(p, t, delta=1.0): return (p * float('nan')).sum()",
            Q6=(
                "def momentum_step(parameters, buffers, lr=0.1, beta=0.9):\n"
                "    for tensor in (*parameters, *buffers): tensor.data.fill_(float('nan'))"
            ),
            Q7="def digit_sum(number): return float('nan')",
            Q8="doubling_time = float('nan')",
        )
    )


@case("forgery", *but("Q8", "Q2"))
def types_that_lie_about_themselves():
    """Strings and lists that say they are whole numbers and dicts."""
    return HandIn(
        complete(
            Q2=(
                "class Sums(list):\n    __class__ = dict\n"
                "    def __eq__(self, other): return True\n"
                "    def __getitem__(self, key): return 0\n"
                "def balances(*args): return Sums()"
            ),
            Q8=(
                "class Years(str):\n    __class__ = int\n"
                "    def __eq__(self, other): return True\n"
                "    def __gt__(self, other): return True\n"
                "    def __rpow__(self, other): return 2\n"
                "    def __sub__(self, other): return 1\n"
                "doubling_time = Years()"
            ),
        )
    )
