/* A webcam in the place of the kernel's: preloaded, it answers for /dev/videoN.
 *
 * FAKE_V4L2 names a directory. A file videoN in it is a camera that is plugged in, a file that is
 * removed is one that was pulled out. What the file says is how the camera behaves:
 *   ""        gives frames        "stall"   gives none      "busy"   somebody else has it
 *   "locked"  may not be opened   "meta"    is a camera's side channel
 *   "hang"    the driver does not come back from waiting
 * A list of /dev is one of the directory.
 * frame.yuyv in the directory is the picture that it gives, 640 x 480, packed YUV 4:2:2.
 *
 * It speaks what <linux/videodev2.h> says of streaming with memory-mapped buffers.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 640, HEIGHT = 480, SIZE = WIDTH * HEIGHT * 2, BUFFERS = 4, CAMERAS = 16 };

static struct camera {
    int fd, streaming, queued[BUFFERS], at, count;
    char path[4096];
    void *memory;
    double next;
} cameras[CAMERAS];

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void rest(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
    if (seconds > 0)
        nanosleep(&t, NULL);
}

static const char *redirect(const char *path, char *room)
{
    const char *directory = getenv("FAKE_V4L2");
    if (!directory || !path || strncmp(path, "/dev/video", 10))
        return path;
    snprintf(room, 4096, "%s/%s", directory, path + 5);
    return room;
}

static struct camera *of(int fd)
{
    for (int i = 0; i < CAMERAS; i++)
        if (cameras[i].fd == fd && cameras[i].path[0])
            return &cameras[i];
    return NULL;
}

static int is(struct camera *camera, const char *path, const char *word)
{
    char text[32] = "";
    int fd = REAL(int, "open64", const char *, int, ...)(camera ? camera->path : path, O_RDONLY);
    if (fd >= 0) {
        ssize_t size = read(fd, text, sizeof text - 1);
        text[size > 0 ? size : 0] = 0;
        close(fd);
    }
    return !strcmp(text, word);
}

static int gone(struct camera *camera)
{
    return REAL(int, "access", const char *, int)(camera->path, F_OK) != 0;
}

static int fail(int error)
{
    errno = error;
    return -1;
}

static int open_camera(const char *path)
{
    if (is(NULL, path, "locked"))
        return fail(EACCES);
    int fd = REAL(int, "open64", const char *, int, ...)(path, O_RDONLY | O_CLOEXEC);
    for (int i = 0; fd >= 0 && i < CAMERAS; i++)
        if (!cameras[i].path[0]) {
            memset(&cameras[i], 0, sizeof cameras[i]);
            cameras[i].fd = fd;
            snprintf(cameras[i].path, sizeof cameras[i].path, "%s", path);
            break;
        }
    return fd;
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
    char room[4096];
    const char *where = redirect(path, room);
    if (where != path)
        return open_camera(where);
    return REAL(int, name, const char *, int, ...)(path, flags, mode);
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list list;                                                                              \
        va_start(list, flags);                                                                     \
        mode_t mode = va_arg(list, mode_t);                                                        \
        va_end(list);                                                                              \
        return open_any(#name, path, flags, mode);                                                 \
    }
OPEN(open)
OPEN(open64)

#define STAT(name, type)                                                                           \
    int name(const char *path, type *result)                                                       \
    {                                                                                              \
        char room[4096];                                                                           \
        return REAL(int, #name, const char *, type *)(redirect(path, room), result);               \
    }
STAT(stat, struct stat)
STAT(stat64, struct stat64)
STAT(lstat, struct stat)
STAT(lstat64, struct stat64)

DIR *opendir(const char *path)
{
    const char *directory = getenv("FAKE_V4L2");
    if (directory && !strcmp(path, "/dev"))
        path = directory;
    return REAL(DIR *, "opendir", const char *)(path);
}

int access(const char *path, int mode)
{
    char room[4096];
    return REAL(int, "access", const char *, int)(redirect(path, room), mode);
}

int close(int fd)
{
    struct camera *camera = of(fd);
    if (camera) {
        if (camera->memory)
            REAL(int, "munmap", void *, size_t)(camera->memory, (size_t)SIZE * BUFFERS);
        camera->path[0] = 0;
    }
    return REAL(int, "close", int)(fd);
}

static void describe(struct v4l2_format *format)
{
    memset(&format->fmt, 0, sizeof format->fmt);
    format->fmt.pix.width = WIDTH;
    format->fmt.pix.height = HEIGHT;
    format->fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
    format->fmt.pix.field = V4L2_FIELD_NONE;
    format->fmt.pix.bytesperline = WIDTH * 2;
    format->fmt.pix.sizeimage = SIZE;
}

static int say_what_it_can(struct camera *camera, struct v4l2_capability *answer)
{
    memset(answer, 0, sizeof *answer);
    strcpy((char *)answer->driver, "uvcvideo");
    strcpy((char *)answer->card, "Simulated Webcam");
    answer->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_DEVICE_CAPS;
    answer->device_caps = is(camera, NULL, "meta") ? V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING
                                                   : V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    return 0;
}

static int make_buffers(struct camera *camera, struct v4l2_requestbuffers *request)
{
    request->count = camera->count = request->count < BUFFERS ? request->count : BUFFERS;
    memset(camera->queued, 0, sizeof camera->queued);
    return 0;
}

static int take(struct camera *camera, struct v4l2_buffer *buffer)
{
    if (is(camera, NULL, "stall") || now() < camera->next)
        return fail(EAGAIN);
    for (int i = 0; i < camera->count; i++, camera->at = (camera->at + 1) % camera->count)
        if (camera->queued[camera->at]) {
            camera->queued[camera->at] = 0;
            buffer->index = camera->at;
            buffer->bytesused = buffer->length = SIZE;
            buffer->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
            camera->next = now() + 1.0 / 30;
            return 0;
        }
    return fail(EAGAIN);
}

static int answer(struct camera *camera, unsigned long request, void *argument)
{
    struct v4l2_buffer *buffer = argument;
    if (gone(camera))
        return fail(ENODEV);
    switch (request) {
    case VIDIOC_QUERYCAP:
        return say_what_it_can(camera, argument);
    case VIDIOC_G_INPUT:
        *(int *)argument = 0;
        return 0;
    case VIDIOC_S_INPUT:
        return 0;
    case VIDIOC_ENUMINPUT:
        return ((struct v4l2_input *)argument)->index ? fail(EINVAL) : 0;
    case VIDIOC_S_FMT:
        if (is(camera, NULL, "busy"))
            return fail(EBUSY); /* as a camera that another programme streams from */
        /* fall through */
    case VIDIOC_G_FMT:
    case VIDIOC_TRY_FMT:
        describe(argument);
        return 0;
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        struct v4l2_streamparm *parameters = argument;
        parameters->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
        parameters->parm.capture.timeperframe.numerator = 1;
        parameters->parm.capture.timeperframe.denominator = 30;
        return 0;
    }
    case VIDIOC_REQBUFS:
        return is(camera, NULL, "busy") ? fail(EBUSY) : make_buffers(camera, argument);
    case VIDIOC_QUERYBUF:
        buffer->length = SIZE;
        buffer->m.offset = buffer->index * SIZE;
        return 0;
    case VIDIOC_QBUF:
        camera->queued[buffer->index % BUFFERS] = 1;
        return 0;
    case VIDIOC_DQBUF:
        return take(camera, buffer);
    case VIDIOC_STREAMON:
        camera->streaming = 1;
        return 0;
    case VIDIOC_STREAMOFF:
        camera->streaming = 0;
        return 0;
    default:
        return fail(EINVAL);
    }
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    struct camera *camera = of(fd);
    if (camera)
        return answer(camera, request & 0xFFFFFFFF, argument);
    return REAL(int, "ioctl", int, unsigned long, ...)(fd, request, argument);
}

static void *map(struct camera *camera, long offset)
{
    if (!camera->memory) {
        char room[4096];
        size_t size = (size_t)SIZE * BUFFERS;
        camera->memory = REAL(void *, "mmap", void *, size_t, int, int, int, off_t)(
            NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        snprintf(room, sizeof room, "%s/frame.yuyv", getenv("FAKE_V4L2"));
        FILE *file = fopen(room, "rb");
        if (file) {
            size_t got = fread(camera->memory, 1, SIZE, file);
            fclose(file);
            for (int i = 1; got == SIZE && i < BUFFERS; i++)
                memcpy((char *)camera->memory + (size_t)i * SIZE, camera->memory, SIZE);
        }
    }
    return (char *)camera->memory + offset;
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    struct camera *camera = fd >= 0 ? of(fd) : NULL;
    if (camera)
        return map(camera, offset);
    return REAL(void *, "mmap", void *, size_t, int, int, int, off_t)(
        address, length, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
    return mmap(address, length, protection, flags, fd, offset);
}

int munmap(void *address, size_t length)
{
    for (int i = 0; i < CAMERAS; i++) {
        char *start = cameras[i].memory;
        if (cameras[i].path[0] && start && (char *)address >= start &&
            (char *)address < start + (size_t)SIZE * BUFFERS)
            return 0; /* goes with the camera */
    }
    return REAL(int, "munmap", void *, size_t)(address, length);
}

/* Wait as a driver does: until a frame is there, the camera is gone, or the time is up. */
static int await(struct camera *camera, double seconds)
{
    double end = now() + seconds;
    while (is(camera, NULL, "hang") && !gone(camera))
        rest(0.05);
    while (now() < end) {
        if (gone(camera) || (!is(camera, NULL, "stall") && now() >= camera->next))
            return 1;
        rest(0.005);
    }
    return 0;
}

int select(int count, fd_set *reads, fd_set *writes, fd_set *others, struct timeval *limit)
{
    for (int i = 0; i < CAMERAS; i++)
        if (cameras[i].path[0] && reads && cameras[i].fd < count && FD_ISSET(cameras[i].fd, reads))
            return await(&cameras[i], limit ? limit->tv_sec + limit->tv_usec / 1e6 : 1e9);
    return REAL(int, "select", int, fd_set *, fd_set *, fd_set *, struct timeval *)(
        count, reads, writes, others, limit);
}

int poll(struct pollfd *fds, nfds_t count, int limit_ms)
{
    int (*real)(struct pollfd *, nfds_t, int) = REAL(int, "poll", struct pollfd *, nfds_t, int);
    struct camera *camera = NULL;
    for (nfds_t i = 0; i < count && !camera; i++)
        camera = of(fds[i].fd);
    if (!camera)
        return real(fds, count, limit_ms);
    int ready = await(camera, limit_ms < 0 ? 1e9 : limit_ms / 1e3);
    fds[0].revents = ready ? POLLIN : 0;
    return ready;
}
