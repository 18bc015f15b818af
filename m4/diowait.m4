# SPDX-License-Identifier: GPL-2.0-or-later
# Probes of diowait's own. None of them changes CFLAGS or LIBS for good: these
# belong to whoever types make.

# DIO_COMPILER_FLAGS(VARIABLE, FLAGS)
# -----------------------------------
# Appends to VARIABLE each flag that the compiler takes without complaint, and
# substitutes it.
AC_DEFUN([DIO_COMPILER_FLAGS], [
dio_saved_CFLAGS=$CFLAGS
for dio_flag in m4_normalize([$2]); do
	AS_VAR_PUSHDEF([dio_cache], [dio_cv_cflag_$dio_flag])
	AC_CACHE_CHECK([whether $CC takes $dio_flag], [dio_cache], [
		CFLAGS="$dio_saved_CFLAGS -Werror $dio_flag"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
			[AS_VAR_SET([dio_cache], [yes])],
			[AS_VAR_SET([dio_cache], [no])])
	])
	AS_VAR_IF([dio_cache], [yes], [AS_VAR_APPEND([$1], [" $dio_flag"])])
	AS_VAR_POPDEF([dio_cache])
done
CFLAGS=$dio_saved_CFLAGS
AC_SUBST([$1])
])

# DIO_SANITIZE
# ------------
# --enable-sanitize=LIST: what the compiler's -fsanitize= is given, in
# SAN_CFLAGS and SAN_LDFLAGS. Ends configure when a program can't be linked so.
AC_DEFUN([DIO_SANITIZE], [
AC_ARG_ENABLE([sanitize],
	[AS_HELP_STRING([--enable-sanitize=LIST],
		[build with these sanitizers, "address,undefined" or "thread"])],
	[], [enable_sanitize=no])
AS_CASE([$enable_sanitize],
	[yes], [enable_sanitize=address,undefined],
	[''], [enable_sanitize=no])
SAN_CFLAGS=
SAN_LDFLAGS=
AS_IF([test "$enable_sanitize" != no], [
	AC_MSG_CHECKING([whether $CC links with -fsanitize=$enable_sanitize])
	dio_saved_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -fsanitize=$enable_sanitize"
	AC_LINK_IFELSE([AC_LANG_PROGRAM()], [dio_sanitize=yes],
		[dio_sanitize=no])
	CFLAGS=$dio_saved_CFLAGS
	AC_MSG_RESULT([$dio_sanitize])
	AS_IF([test $dio_sanitize = no],
		[AC_MSG_ERROR([the compiler does not do --enable-sanitize=$enable_sanitize])])
	# An undefined shift or overflow has to fail a test, not only to print.
	SAN_CFLAGS="-fsanitize=$enable_sanitize -fno-omit-frame-pointer"
	SAN_CFLAGS="$SAN_CFLAGS -fno-sanitize-recover=all"
	SAN_LDFLAGS="-fsanitize=$enable_sanitize"
])
AC_SUBST([SAN_CFLAGS])
AC_SUBST([SAN_LDFLAGS])
])
